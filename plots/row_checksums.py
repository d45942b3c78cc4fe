"""The checksums of a store's rows, as docs/STORE.md describes the table `checksum`."""

import struct
import zlib
from collections import Counter

TABLE = "checksum"
NO_POINT = -1


def row_checksum(*cells):
    """CRC-32 of a row: its table's name and its cells."""
    return zlib.crc32(b"".join(map(_bytes, cells)))


def _bytes(cell):
    if cell is None:
        return b"n"
    if isinstance(cell, int):
        return b"i" + struct.pack("<q", cell)
    if isinstance(cell, float):
        return b"f" + struct.pack("<d", cell)
    if isinstance(cell, str):
        text = cell.encode("utf-8")
        return b"t" + struct.pack("<Q", len(text)) + text
    return b"b" + struct.pack("<Q", len(cell)) + cell


def sums_of_rows(database):
    """Point -> sum of the checksums of its rows."""
    database.create_function("row_checksum", -1, row_checksum, deterministic=True)
    sums = Counter()
    queries = [f"SELECT {NO_POINT}, row_checksum('sqlite_master', type, name, tbl_name, sql) FROM sqlite_master"]
    tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> ?", (TABLE,)).fetchall()
    for (table,) in tables:
        columns = [row[0] for row in database.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        cells = ", ".join(f'"{column}"' for column in columns)
        point = f"coalesce(point, {NO_POINT})" if "point" in columns else NO_POINT
        queries.append(f"SELECT {point}, row_checksum('{table}', {cells}) FROM \"{table}\"")
    for query in queries:
        for point, checksum in database.execute(query):
            sums[point] += checksum
    return sums


def damaged_points(database):
    """The points whose rows are not those of their checksums, NO_POINT among them for rows of no point."""
    database.execute("BEGIN")
    try:
        sums = sums_of_rows(database)
        sums.subtract(dict(database.execute(f"SELECT point, CAST(sum AS INTEGER) FROM {TABLE}").fetchall()))
    finally:
        database.rollback()
    return sorted(point for point, difference in sums.items() if difference)
