#!/usr/bin/env python3
"""Writes one and the same sheet of sales in each format of workbooks. Run it here; it needs LibreOffice for xls and ods.

xlsx and xlsb are put together by hand, part by part and record by record, so that the files stay small and hold exactly
what is written below. xlsm is the xlsx with a part for macros, the ones with 1904 count their days from 1904.
"""

import struct
import subprocess
import sys
import zipfile
from datetime import datetime

SHEET = "Março"
HEADERS = ["Pedido", "Data", "Cliente", "CPF", "Produto", "Quantidade", "Preço unitário", "Total", "Pagamento"]
ROWS = [
    ["1001", datetime(2024, 3, 5, 10, 30), "João Silva", "529.982.247-25", "Café em grãos", 2, 49.9, None, "PIX"],
    ["1002", datetime(2024, 3, 5, 18, 45, 30), "Maria Souza", None, "Açaí", 0.75, 32.4, None, "Cartão de crédito"],
    ["1003", datetime(2024, 3, 6), "Zoë", "012.345.678-90", "Pão de queijo", 12, 3.25, None, "Dinheiro"],
    ["1004", datetime(2024, 3, 7, 23, 59, 59), None, None, "Notebook", 1, 3500, None, "Boleto"],
    ["1005", datetime(2024, 3, 31, 9, 0), "João Silva", "529.982.247-25", "Café em grãos", -1, 49.9, None, "PIX"],
]
QUANTITY, PRICE, TOTAL = 5, 6, 7
DATE_FORMAT, DATE_STYLE = "dd/mm/yyyy hh:mm:ss", 1
STAMP = (2024, 4, 1, 12, 0, 0)


def serial(at, from_1904):
    since = at - (datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30))
    return since.days + since.seconds / 86_400


def write_archive(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, STAMP)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content.encode() if isinstance(content, str) else content)


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def relationships(*targets):
    lines = [f'<Relationship Id="rId{at}" Type="{kind}" Target="{target}"/>' for at, (kind, target) in enumerate(targets, 1)]
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{"".join(lines)}</Relationships>'


def content_types(defaults, overrides):
    lines = [f'<Default Extension="{extension}" ContentType="{kind}"/>' for extension, kind in defaults]
    lines += [f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides]
    return f'{XML}<Types xmlns="{PACKAGE}/content-types">{"".join(lines)}</Types>'


RELS = ("rels", "application/vnd.openxmlformats-package.relationships+xml")


# xlsx and xlsm: XML


def xlsx_cell(reference, value, row, from_1904):
    if isinstance(value, str):
        return f'<c r="{reference}" t="inlineStr"><is><t>{value}</t></is></c>'
    if isinstance(value, datetime):
        return f'<c r="{reference}" s="{DATE_STYLE}"><v>{serial(value, from_1904)!r}</v></c>'
    if value is None and reference.startswith("H"):
        total = round(row[QUANTITY] * row[PRICE], 4)
        number = reference[1:]
        return f'<c r="{reference}"><f>F{number}*G{number}</f><v>{total!r}</v></c>'
    return "" if value is None else f'<c r="{reference}"><v>{value!r}</v></c>'


def xlsx_parts(from_1904, macros):
    rows = []
    for at, row in enumerate([HEADERS, *ROWS], 1):
        cells = "".join(xlsx_cell(f"{'ABCDEFGHI'[column]}{at}", value, row, from_1904) for column, value in enumerate(row))
        rows.append(f'<row r="{at}">{cells}</row>')
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    main = "application/vnd.ms-excel.sheet.macroEnabled.main+xml" if macros else f"{sheet}.sheet.main+xml"
    defaults = [RELS, ("xml", "application/xml")]
    targets = [(f"{OFFICE}/worksheet", "worksheets/sheet1.xml"), (f"{OFFICE}/styles", "styles.xml")]
    if macros:
        defaults.append(("bin", "application/vnd.ms-office.vbaProject"))
        targets.append(("http://schemas.microsoft.com/office/2006/relationships/vbaProject", "vbaProject.bin"))
    parts = {
        "[Content_Types].xml": content_types(
            defaults,
            [
                ("/xl/workbook.xml", main),
                ("/xl/worksheets/sheet1.xml", f"{sheet}.worksheet+xml"),
                ("/xl/styles.xml", f"{sheet}.styles+xml"),
            ],
        ),
        "_rels/.rels": relationships((f"{OFFICE}/officeDocument", "xl/workbook.xml")),
        "xl/_rels/workbook.xml.rels": relationships(*targets),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="{int(from_1904)}"/>'
        f'<sheets><sheet name="{SHEET}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/styles.xml": f'{XML}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="{DATE_FORMAT}"/></numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill/></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf xfId="0"/>'
        '<xf xfId="0" numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>',
    }
    if macros:
        # Nobody reads it, so that it need not be what it says
        parts["xl/vbaProject.bin"] = b"Sub Auto_Open(): MsgBox 1: End Sub"
    return parts


# xlsb: records of [MS-XLSB], each its number, its length and its bytes


def record(number, body=b""):
    head = bytes([number]) if number < 128 else bytes([number & 0x7F | 0x80, number >> 7])
    length, left = b"", len(body)
    while True:
        length += bytes([left & 0x7F | (0x80 if left > 0x7F else 0)])
        left >>= 7
        if not left:
            return head + length + body


def wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def u32(*numbers):
    return struct.pack(f"<{len(numbers)}I", *numbers)


def xlsb_workbook(from_1904):
    return b"".join(
        [
            record(131),  # BrtBeginBook
            record(153, u32(1 if from_1904 else 0, 0) + wide("")),  # BrtWbProp
            record(143),  # BrtBeginBundleShs
            record(156, u32(0, 1) + wide("rId1") + wide(SHEET)),  # BrtBundleSh: visible
            record(144),  # BrtEndBundleShs
            record(132),  # BrtEndBook
        ]
    )


def xlsb_styles():
    xf = lambda parent, number_format: record(47, struct.pack("<HHHHHBBI", parent, number_format, 0, 0, 0, 0, 0, 0))
    font = struct.pack("<HHHHBBBB8s", 220, 0, 400, 0, 0, 2, 0, 0, bytes([1, 0, 0, 0, 0, 0, 0, 255])) + b"\x02" + wide("Calibri")
    side = bytes(10)
    return b"".join(
        [
            record(278),  # BrtBeginStyleSheet
            record(615, u32(1)) + record(44, struct.pack("<H", 164) + wide(DATE_FORMAT)) + record(616),  # BrtFmt
            record(611, u32(1)) + record(43, font) + record(612),  # BrtFont
            record(603, u32(1)) + record(45, bytes(68)) + record(604),  # BrtFill
            record(613, u32(1)) + record(46, b"\0" + side * 5) + record(614),  # BrtBorder
            record(626, u32(1)) + xf(0xFFFF, 0) + record(627),  # the style that the others have as parent
            record(617, u32(2)) + xf(0, 0) + xf(0, 164) + record(618),  # BrtBeginCellXFs
            record(279),  # BrtEndStyleSheet
        ]
    )


def xlsb_cell(column, at, value, row, strings, from_1904):
    head = u32(column, DATE_STYLE if isinstance(value, datetime) else 0)
    if isinstance(value, str):
        return record(7, head + u32(strings.setdefault(value, len(strings))))  # BrtCellIsst
    if isinstance(value, datetime):
        return record(5, head + struct.pack("<d", serial(value, from_1904)))  # BrtCellReal
    if value is None and column == TOTAL:
        reference = lambda of: struct.pack("<BIH", 0x44, at, of | 0xC000)  # PtgRef, relative
        formula = reference(QUANTITY) + reference(PRICE) + b"\x05"  # PtgMul
        total = round(row[QUANTITY] * row[PRICE], 4)
        return record(9, head + struct.pack("<dH", total, 0) + u32(len(formula)) + formula + u32(0))  # BrtFmlaNum
    if value is None:
        return b""
    if value == int(value):
        return record(2, head + struct.pack("<i", int(value) << 2 | 2))  # BrtCellRk: an integer
    if round(value * 100, 6) == int(round(value * 100)):
        return record(2, head + struct.pack("<i", int(round(value * 100)) << 2 | 3))  # BrtCellRk: hundredths
    return record(5, head + struct.pack("<d", value))


def xlsb_parts(from_1904):
    strings = {}
    rows = b""
    for at, row in enumerate([HEADERS, *ROWS]):
        # BrtRowHdr: its number, no style, 15 points high, and the columns it spans
        rows += record(0, u32(at, 0) + struct.pack("<HBBB", 300, 0, 0, 0) + u32(1, 0, len(HEADERS) - 1))
        rows += b"".join(xlsb_cell(column, at, value, row, strings, from_1904) for column, value in enumerate(row))
    sheet = b"".join(
        [
            record(129),  # BrtBeginSheet
            record(148, u32(0, len(ROWS), 0, len(HEADERS) - 1)),  # BrtWsDim
            record(145) + rows + record(146),  # BrtBeginSheetData
            record(130),  # BrtEndSheet
        ]
    )
    shared = record(159, u32(len(strings), len(strings)))  # BrtBeginSst
    shared += b"".join(record(19, b"\0" + wide(text)) for text in strings) + record(160)
    excel = "application/vnd.ms-excel"
    return {
        "[Content_Types].xml": content_types(
            [RELS, ("bin", f"{excel}.sheet.binary.macroEnabled.main")],
            [
                ("/xl/worksheets/sheet1.bin", f"{excel}.worksheet"),
                ("/xl/styles.bin", f"{excel}.styles"),
                ("/xl/sharedStrings.bin", f"{excel}.sharedStrings"),
            ],
        ),
        "_rels/.rels": relationships((f"{OFFICE}/officeDocument", "xl/workbook.bin")),
        "xl/_rels/workbook.bin.rels": relationships(
            (f"{OFFICE}/worksheet", "worksheets/sheet1.bin"),
            (f"{OFFICE}/styles", "styles.bin"),
            (f"{OFFICE}/sharedStrings", "sharedStrings.bin"),
        ),
        "xl/workbook.bin": xlsb_workbook(from_1904),
        "xl/worksheets/sheet1.bin": sheet,
        "xl/styles.bin": xlsb_styles(),
        "xl/sharedStrings.bin": shared,
    }


def convert(name, extension):
    subprocess.run(["soffice", "--headless", "--convert-to", extension, name], check=True, stdout=sys.stderr)


write_archive("vendas.xlsx", xlsx_parts(False, False))
write_archive("vendas.xlsm", xlsx_parts(False, True))
write_archive("vendas.xlsb", xlsb_parts(False))
write_archive("vendas-1904.xlsx", xlsx_parts(True, False))
write_archive("vendas-1904.xlsb", xlsb_parts(True))
convert("vendas.xlsx", "xls")
convert("vendas.xlsx", "ods")
convert("vendas-1904.xlsx", "xls")
