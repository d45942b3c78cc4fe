"""Names, symbols and units of fields and numbers, as figures and captions write them."""

import json
from dataclasses import dataclass
from pathlib import Path

FIELDS = json.loads(Path(__file__).with_name("field_labels.json").read_text(encoding="utf-8"))  # the program wrote it
GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "eta": "η", "lambda": "λ", "mu": "μ", "nu": "ν", "rho": "ρ", "sigma": "σ"}
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Quantity:
    """A field of a spec: its name, its symbol in TeX (for axes) and in plain text (for captions)."""

    name: str
    tex: str = ""
    text: str = ""


def quantity(field):
    label = FIELDS.get(field, {})
    name = field.rsplit(".", 1)[-1].replace("_", " ")
    symbol, _, index = label.get("symbol", "").partition("_")
    tex = ("\\" if symbol in GREEK else "") + symbol + (f"_{index}" if index else "")
    return Quantity(label.get("label") or name[:1].upper() + name[1:], f"${tex}$" if tex else "",
                    GREEK.get(symbol, symbol) + index.translate(SUBSCRIPTS))


def axis_label(field):
    """"Learning rate η", for an axis."""
    return f"{quantity(field).name} {quantity(field).tex}".rstrip()


def full_name(field):
    """"learning rate η", inside a sentence."""
    name = quantity(field).name
    return f"{name[0].lower()}{name[1:]} {quantity(field).text}".rstrip()


def short_name(field):
    """"η", or the name where there is no symbol."""
    return quantity(field).text or full_name(field)


def value(field, text_or_number):
    """A field's value in a caption: the name of a law or an optimizer, or a number."""
    if isinstance(text_or_number, str):
        names = FIELDS.get(field, {}).get("values", {})
        return names.get(text_or_number, text_or_number.replace("_", " "))
    return number(text_or_number)


def signed(number_, form):
    """A formatted number with a true minus sign."""
    return format(number_, form).replace("-", "\u2212")


def number(amount, digits=4):
    """A number for text: 0.01, 580 000, 3.2·10⁻⁵."""
    if float(amount).is_integer() and abs(amount) < 1e6:
        return f"{int(amount):,}".replace(",", "\u202f" if abs(amount) >= 10000 else "").replace("-", "\u2212")
    text = signed(amount, f".{digits}g")
    if "e" not in text:
        return text
    mantissa, exponent = text.replace("\u2212", "-").split("e")
    return _scientific(mantissa.replace("-", "\u2212"), int(exponent))


def _scientific(mantissa, exponent):
    power = "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return power if mantissa == "1" else f"{mantissa}·{power}"


def count(amount):
    """A large count: 2·10⁶, 70 000."""
    digits = str(int(amount)).rstrip("0")
    return _scientific(digits, len(str(int(amount))) - 1) if amount >= 1e5 and len(digits) == 1 else number(amount)


def tex_power(amount):
    """A number inside $...$ with its power of ten: 10^{-3}, 5\\times 10^{-4}; 0 as it is."""
    if amount == 0:
        return "0"
    mantissa, exponent = f"{amount:.3e}".split("e")
    mantissa, exponent = f"{float(mantissa):g}", int(exponent)
    return f"10^{{{exponent}}}" if mantissa == "1" else rf"{mantissa}\times 10^{{{exponent}}}"


def tex_number(amount):
    """A number inside $...$: 0.01, 10^{-6}, 3\\times 10^{5}."""
    if 1e-3 <= abs(amount) < 1e5 or amount == 0:
        return f"{int(amount):,}".replace(",", r"\,") if float(amount).is_integer() else f"{amount:.3g}"
    return tex_power(amount)
