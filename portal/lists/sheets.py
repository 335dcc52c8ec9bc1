"""Reading a sheet: XLSX or CSV into rows of plain texts and days, however hostile the file.

Nothing of the database is known here. A file is read row by row; what it unpacks to is bounded.
"""

import csv
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime

from portal.texts import Said, msgid

MOST_BYTES = 2_000_000
MOST_ROWS = 10_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
UNPACKED_BYTES = 60_000_000
MOST_PARTS = 500
ZIP = b"PK\x03\x04"
OLE = b"\xd0\xcf\x11\xe0"
SNIFFED = 8_192
DELIMITERS = ",;\t|"

Cell = str | date | Said
Row = list[Cell]


class Unreadable(Exception):
    """The file as a whole cannot be read; `said` tells why and what to do."""

    def __init__(self, text: str, **facts: str) -> None:
        super().__init__(text)
        self.said = Said(text, facts)


def read(content: bytes) -> Iterator[Row]:
    """Return the rows of a sheet, the first worksheet of a book; raises Unreadable.

    A cell is a text, a day, or, where it is none of them, what is wrong with it. The bytes decide
    the kind, not the name.
    """
    if not content.strip():
        raise Unreadable(msgid("The file is empty."))
    if content.startswith(OLE):
        raise Unreadable(
            msgid("This is an old or encrypted Excel file. Save it as .xlsx without a password.")
        )
    rows = _book(content) if content.startswith(ZIP) else _text(content)
    for number, row in enumerate(rows):
        if number > MOST_ROWS + MOST_COLUMNS:
            raise Unreadable(
                msgid("The list has more than %(count)s rows. Divide it."), count=str(MOST_ROWS)
            )
        while row and row[-1] == "":
            row.pop()
        yield row


def _text(content: bytes) -> Iterator[Row]:
    text = decode(content)
    if "\x00" in text[:SNIFFED]:
        raise Unreadable(msgid("This is neither an .xlsx nor a .csv file."))
    # A cell as long as the file is one wrong row, not an unreadable file.
    csv.field_size_limit(MOST_BYTES)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        for row in reader:
            yield [_cell(value) for value in row[:MOST_COLUMNS]]
    except csv.Error as error:
        raise Unreadable(
            msgid("The file cannot be read after line %(line)s."), line=str(reader.line_num)
        ) from error


def decode(content: bytes) -> str:
    """Return the text of a CSV: UTF-8, UTF-16 with its mark, else Windows-1252 as Excel does."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        with suppress(UnicodeDecodeError):
            return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def delimiter_of(text: str) -> str:
    """Return what parts the columns: the sign that the first lines hold most often."""
    head = text[:SNIFFED]
    return max(DELIMITERS, key=head.count)


def _book(content: bytes) -> Iterator[Row]:
    _check_parts(content)
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
    except Exception as error:
        raise Unreadable(msgid("This .xlsx file is damaged. Save it again and try.")) from error
    try:
        # What a file says of its own size is not believed.
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS):
            yield [_cell(value) for value in row]
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(msgid("This .xlsx file is damaged. Save it again and try.")) from error
    finally:
        book.close()


def _check_parts(content: bytes) -> None:
    """Refuse what is no book, and what would unpack to more than a list can be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            infos = parts.infolist()
    except zipfile.BadZipFile as error:
        raise Unreadable(msgid("This .xlsx file is damaged. Save it again and try.")) from error
    if not any(info.filename == "xl/workbook.xml" for info in infos):
        raise Unreadable(msgid("This is neither an .xlsx nor a .csv file."))
    if len(infos) > MOST_PARTS or sum(info.file_size for info in infos) > UNPACKED_BYTES:
        raise Unreadable(msgid("This .xlsx file is too large once unpacked. Divide the list."))


def _cell(value: object) -> Cell:
    """Return a cell as a clean text or a day; a formula or a text without end is said to be so."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, bool):
        return "1" if value else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if len(text) > LONGEST_CELL:
        return Said(
            msgid("A cell holds more than %(count)s characters."), {"count": str(LONGEST_CELL)}
        )
    if text.lstrip()[:1] in ("=", "@"):
        return Said(msgid("A cell holds a formula. Paste its value instead."))
    return clean(text)


def clean(text: str) -> str:
    """Return a text without control and direction signs, its blanks folded, composed as typed."""
    kept = "".join(
        " " if sign in "\t\r\n\xa0" else sign
        for sign in text
        if sign in "\t\r\n\xa0" or unicodedata.category(sign)[0] != "C"
    )
    return unicodedata.normalize("NFC", " ".join(kept.split()))
