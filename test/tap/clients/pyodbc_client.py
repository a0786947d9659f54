"""Reads views through ODBC: see ClientTest.pm."""
import os
import sys
from datetime import date, datetime
from decimal import Decimal

import pyodbc

CLASSES = {int: "int", str: "text", bool: "bool", date: "date", datetime: "timestamp", float: "float", Decimal: "numeric"}


def text(value):
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")


def class_of(column):
    name = CLASSES.get(column[1], "?")
    return f"numeric({column[4]},{column[5]})" if name == "numeric" else name


def checked(value, name):
    """The value, which is of the Python type that its column's class goes with."""
    if value is not None and CLASSES[type(value)] != name.split("(")[0]:
        raise TypeError(f"{type(value)} in a column of {name}")
    return text(value)


def error_of(connection, statement, *values):
    try:
        connection.execute(statement, *values)
    except pyodbc.Error as e:
        print("error", e.args[0], text(e.args[1]), sep="\t")


# BoolsAsChar=0: booleans are no texts. OptionalErrors=1: DETAIL and HINT come with the message.
db = pyodbc.connect(
    "Driver={PostgreSQL Unicode};Servername=%s;Port=%s;Database=%s;Username=%s;BoolsAsChar=0;OptionalErrors=1"
    % tuple(os.environ[name] for name in ("PGHOST", "PGPORT", "PGDATABASE", "PGUSER")), autocommit=True)
for view in sys.argv[1:]:
    cursor = db.execute(f"SELECT * FROM regtarget.{view}")
    classes = [class_of(c) for c in cursor.description]
    print("view", view, sep="\t")
    print("type", *classes, sep="\t")
    for row in cursor.fetchall():
        print("row", *map(checked, row, classes), sep="\t")
row = db.execute("SELECT ?::date, ?::text", date(2025, 7, 1), "深圳").fetchone()
print("parameters", *map(text, row), sep="\t")
error_of(db, "SELECT * FROM regtarget.explain_target(?, '2025Q1')", "深圳")
error_of(db, "UPDATE regtarget.targets SET amount = amount")
