"""Reads views through LibreOffice, as its Base does: see ClientTest.pm. The first argument is a directory for the
office's profile, the second is `odbc` where there is psqlODBC too, else `-`.

The office runs without a display, by a command of its own that ends it after a while whatever becomes of this program. Nothing of it
is written but to its log: an office that kept the standard output open would keep waiting whoever reads that. Exit status 77: the
office has no driver for PostgreSQL.

Beside what all programs print:
  `table` with kind and the comment on the column amount, as the list of tables shows them;
  `parsed` and `direct`, what PostgreSQL's own syntax gives through LibreOffice's parser, and with "Run SQL command directly";
  `double`, a number as a grid and Calc take it;
  `odbc`, through psqlODBC: a unit's name and a day by a query of a view, then the two errors again.
"""
import os
import signal
import subprocess
import sys
import time

import uno

LIMIT = 900
CLASSES = {16: "bool", 4: "int", 5: "int", -5: "int", -1: "text", 12: "text", 91: "date", 93: "timestamp", 8: "float", 2: "numeric"}
TABLE, COMMAND = 0, 2
SQLException = uno.getClass("com.sun.star.sdbc.SQLException")
NoConnectException = uno.getClass("com.sun.star.connection.NoConnectException")
CannotActivate = uno.getClass("com.sun.star.loader.CannotActivateFactoryException")


def text(value):
    return value.replace("\0", "").replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")


def say(*fields):
    print(*fields, sep="\t", flush=True)


def day_of(d):
    return f"{d.Year:04}-{d.Month:02}-{d.Day:02}"


def timestamp_of(t):
    return f"{day_of(t)} {t.Hours:02}:{t.Minutes:02}:{t.Seconds:02}.{t.NanoSeconds // 1000:06}"


# How a value of a class is taken from a row, each by the getter of its type. Text of a number has all its digits.
GETTERS = {
    "bool": lambda row, i: "t" if row.getBoolean(i) else "f",
    "int": lambda row, i: str(row.getLong(i)),
    "text": lambda row, i: text(row.getString(i)),
    "date": lambda row, i: day_of(row.getDate(i)),
    "timestamp": lambda row, i: timestamp_of(row.getTimestamp(i)),
    "float": lambda row, i: repr(row.getDouble(i)),
    "numeric": lambda row, i: row.getString(i),
}


# What getters make of null. Each call goes to the office and back, so null is asked for after these only.
BLANK = {"", "f", "0", "0.0", "0000-00-00", "0000-00-00 00:00:00.000000"}


def value_of(row, i, name):
    value = GETTERS[name](row, i)
    return r"\N" if value in BLANK and row.wasNull() else value


class Office:
    """A LibreOffice without a display and with a profile of its own."""

    def __init__(self, directory):
        pipe = f"regtarget{os.getpid()}"
        log = open(os.path.join(directory, "office.log"), "wb")
        environment = dict(os.environ, HOME=directory, SAL_USE_VCLPLUGIN="svp", ODBCINI=os.path.join(directory, "odbc.ini"))
        self.context = None
        self.process = subprocess.Popen(
            ["timeout", "-k", "5", str(LIMIT), "soffice", "--headless", "--invisible", "--norestore", "--nologo", "--nodefault",
             "--nofirststartwizard", f"--accept=pipe,name={pipe};urp",
             "-env:UserInstallation=" + uno.systemPathToFileUrl(os.path.join(directory, "profile"))],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True)
        self.url = f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext"

    def connect(self):
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
        while self.context is None:
            if self.process.poll() is not None:
                raise RuntimeError(f"LibreOffice has ended with status {self.process.returncode}")
            try:
                self.context = resolver.resolve(self.url)
            except NoConnectException:
                time.sleep(0.2)

    def make(self, service):
        return self.context.ServiceManager.createInstanceWithContext(service, self.context)

    def end(self):
        """Asks it to go, which leaves no pipe behind; what does not go is killed with all that it started."""
        try:
            if self.context is not None:
                self.make("com.sun.star.frame.Desktop").terminate()
                self.process.wait(30)
        except (subprocess.TimeoutExpired, uno.getClass("com.sun.star.uno.Exception")):
            pass
        finally:
            for ending in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(self.process.pid, ending)
                    self.process.wait(10)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    pass


def has_driver(office, url):
    """Whether the parts that Base consists of are installed, which are packages of their own."""
    try:
        return bool(office.make("com.sun.star.sdb.DatabaseContext") and office.make("com.sun.star.sdbc.DriverManager").getDriverByURL(url))
    except (AttributeError, CannotActivate):
        return False


def connected(office, url):
    source = office.make("com.sun.star.sdb.DatabaseContext").createInstance()
    source.URL = url
    return source.getConnection(os.environ["PGUSER"], "")


def opened(office, db, kind, command, direct=False):
    """The rows of a table or query, as Base opens one."""
    rows = office.make("com.sun.star.sdb.RowSet")
    rows.ActiveConnection = db
    rows.CommandType = kind
    rows.Command = command
    rows.EscapeProcessing = not direct
    rows.execute()
    return rows


def class_of(columns, i):
    name = CLASSES.get(columns.getColumnType(i), "?")
    if name == "numeric" and columns.getPrecision(i):
        name = f"numeric({columns.getPrecision(i)},{columns.getScale(i)})"
    return name


def read(office, db, view):
    rows = opened(office, db, TABLE, f"regtarget.{view}")
    columns = rows.getMetaData()
    every = range(1, columns.getColumnCount() + 1)
    classes = [class_of(columns, i) for i in every]
    say("view", view)
    say("type", *classes)
    while rows.next():
        say("row", *(value_of(rows, i, classes[i - 1].split("(")[0]) for i in every))
    rows.dispose()


def parameters(db):
    statement = db.prepareStatement("SELECT ?::date, ?::text")
    day = uno.createUnoStruct("com.sun.star.util.Date")
    day.Day, day.Month, day.Year = 1, 7, 2025
    statement.setDate(1, day)
    statement.setString(2, "深圳")
    row = statement.executeQuery()
    row.next()
    say("parameters", value_of(row, 1, "date"), value_of(row, 2, "text"))


def error_of(kind, run):
    try:
        run()
    except SQLException as e:
        say(kind, e.SQLState, text(e.Message))


def errors(db, kind):
    statement = db.createStatement()
    statement.EscapeProcessing = False
    error_of(kind, lambda: statement.executeQuery("SELECT * FROM regtarget.explain_target('深圳', '2025Q1')").next())
    error_of(kind, lambda: statement.executeUpdate("UPDATE regtarget.targets SET amount = amount"))


def write_source(directory):
    """A data source of ODBC with the options of doc/bi.md."""
    with open(os.path.join(directory, "odbc.ini"), "w") as file:
        file.write("[regtarget]\nDriver=PostgreSQL Unicode\nServername=%s\nPort=%s\nDatabase=%s\nBoolsAsChar=0\nOptionalErrors=1\n"
                   "UpdatableCursors=0\n"
                   % tuple(os.environ[name] for name in ("PGHOST", "PGPORT", "PGDATABASE")))


def differences(office, db):
    board = db.getTables().getByName("regtarget.target_board")
    say("table", board.Type, board.getColumns().getByName("amount").Description)
    function = "SELECT what FROM regtarget.explain_target('R1-1', '2025Q3')"
    cast = "SELECT 12345678901234567.8901::numeric(24,4)"
    for command in function, cast:
        error_of("parsed", lambda: opened(office, db, COMMAND, command))
        row = opened(office, db, COMMAND, command, direct=True)
        row.next()
        say("direct", row.getString(1))
    say("double", repr(row.getDouble(1)))


def through_odbc(office):
    db = connected(office, "sdbc:odbc:regtarget")
    row = opened(office, db, COMMAND, "SELECT name, starts_on FROM regtarget.target_board WHERE unit = 'R1-1' ORDER BY starts_on")
    row.next()
    say("odbc", value_of(row, 1, "text"), value_of(row, 2, "date"))
    errors(db, "odbc")


def main():
    directory, odbc, views = sys.argv[1], sys.argv[2] == "odbc", sys.argv[3:]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    sys.stdout.reconfigure(encoding="utf-8")
    write_source(directory)
    office = Office(directory)
    try:
        office.connect()
        url = "sdbc:postgresql:host=%s port=%s dbname=%s" % tuple(os.environ[name] for name in ("PGHOST", "PGPORT", "PGDATABASE"))
        if not has_driver(office, url):
            sys.exit(77)
        db = connected(office, url)
        for view in views:
            read(office, db, view)
        parameters(db)
        errors(db, "error")
        differences(office, db)
        if odbc:
            through_odbc(office)
    finally:
        office.end()


main()
