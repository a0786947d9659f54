"""Reads views through psycopg 3: see ClientTest.pm."""
import sys
from datetime import date, datetime
from decimal import Decimal

import psycopg

CLASSES = {20: "int", 21: "int", 23: "int", 25: "text", 16: "bool", 1082: "date", 1114: "timestamp", 701: "float", 1700: "numeric"}
PYTHON = {int: "int", str: "text", bool: "bool", date: "date", datetime: "timestamp", float: "float", Decimal: "numeric"}


def text(value):
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n")


def class_of(column):
    name = CLASSES.get(column.type_code, "?")
    return f"numeric({column.precision},{column.scale})" if name == "numeric" and column.precision else name


def checked(value, name):
    """The value, which is of the Python type that its column's class goes with."""
    if value is not None and PYTHON[type(value)] != name.split("(")[0]:
        raise TypeError(f"{type(value)} in a column of {name}")
    return text(value)


def error_of(connection, statement, *values):
    try:
        connection.execute(statement, values)
    except psycopg.Error as e:
        print("error", e.sqlstate, text(e.diag.message_primary), text(e.diag.message_hint), sep="\t")


with psycopg.connect("", autocommit=True) as db:
    for view in sys.argv[1:]:
        cursor = db.execute(f"SELECT * FROM regtarget.{view}")
        classes = [class_of(c) for c in cursor.description]
        print("view", view, sep="\t")
        print("type", *classes, sep="\t")
        for row in cursor:
            print("row", *map(checked, row, classes), sep="\t")
    row = db.execute("SELECT %s::date, %s::text", (date(2025, 7, 1), "深圳")).fetchone()
    print("parameters", *map(text, row), sep="\t")
    error_of(db, "SELECT * FROM regtarget.explain_target(%s, '2025Q1')", "深圳")
    error_of(db, "UPDATE regtarget.targets SET amount = amount")
