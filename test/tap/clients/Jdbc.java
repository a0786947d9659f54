// Reads views through JDBC: see ClientTest.pm.
import java.math.BigDecimal;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.LocalDate;
import java.util.Map;

public class Jdbc {
	static final Map<String, String> CLASSES = Map.of("java.lang.Integer", "int", "java.lang.Long", "int", "java.lang.String", "text",
		"java.lang.Boolean", "bool", "java.sql.Date", "date", "java.sql.Timestamp", "timestamp", "java.lang.Double", "float",
		"java.math.BigDecimal", "numeric");
	static PrintStream out;

	static String text(Object value) {
		if (value == null)
			return "\\N";
		if (value instanceof Boolean)
			return (Boolean) value ? "t" : "f";
		if (value instanceof BigDecimal)
			return ((BigDecimal) value).toPlainString();
		return value.toString().replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n");
	}

	static String className(ResultSetMetaData columns, int i) throws SQLException {
		String name = CLASSES.getOrDefault(columns.getColumnClassName(i), "?");
		return name.equals("numeric") ? "numeric(" + columns.getPrecision(i) + "," + columns.getScale(i) + ")" : name;
	}

	static void read(Connection db, String view) throws SQLException {
		try (ResultSet rows = db.createStatement().executeQuery("SELECT * FROM regtarget." + view)) {
			ResultSetMetaData columns = rows.getMetaData();
			StringBuilder line = new StringBuilder("type");

			out.println("view\t" + view);
			for (int i = 1; i <= columns.getColumnCount(); i++)
				line.append('\t').append(className(columns, i));
			out.println(line);
			while (rows.next()) {
				line = new StringBuilder("row");
				for (int i = 1; i <= columns.getColumnCount(); i++)
					line.append('\t').append(text(rows.getObject(i)));
				out.println(line);
			}
		}
	}

	static void errorOf(Connection db, String statement, String value) throws SQLException {
		try (PreparedStatement s = db.prepareStatement(statement)) {
			if (value != null)
				s.setString(1, value);
			s.execute();
		} catch (SQLException e) {
			out.println("error\t" + e.getSQLState() + "\t" + text(e.getMessage()));
		}
	}

	public static void main(String[] args) throws Exception {
		out = new PrintStream(System.out, true, "UTF-8");
		String url = "jdbc:postgresql://localhost:" + System.getenv("PGPORT") + "/" + System.getenv("PGDATABASE");
		try (Connection db = DriverManager.getConnection(url, System.getenv("PGUSER"), "")) {
			for (String view : args)
				read(db, view);
			try (PreparedStatement s = db.prepareStatement("SELECT ?::date, ?::text")) {
				s.setObject(1, LocalDate.of(2025, 7, 1));
				s.setString(2, "\u6DF1\u5733");
				try (ResultSet row = s.executeQuery()) {
					row.next();
					out.println("parameters\t" + text(row.getObject(1, LocalDate.class)) + "\t" + text(row.getString(2)));
				}
			}
			errorOf(db, "SELECT * FROM regtarget.explain_target(?, '2025Q1')", "\u6DF1\u5733");
			errorOf(db, "UPDATE regtarget.targets SET amount = amount", null);
		}
	}
}
