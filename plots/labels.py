"""Names, symbols and units of fields and numbers, as figures and captions write them."""

SYMBOLS = {
    "optimizer.learning_rate": r"$\eta$",
    "optimizer.weight_decay": r"$\lambda$",
    "model.noise.std": r"$\sigma$",
    "model.noise.mean": r"$\mu$",
    "model.batch.size": r"$m$",
    "model.slope": r"$a$",
    "model.alpha": r"$\alpha$",
    "initial.gamma": r"$\gamma_0$",
    "initial.gamma_mean": r"mean of $\gamma_0$",
    "initial.beta": r"$\beta_0$",
    "initial.u": r"$u$",
    "initial.ratio_std": r"standard deviation of $\beta/\gamma$",
    "simulation.steps": r"$t$",
}

NAMES = {
    "optimizer.learning_rate": "Learning rate",
    "optimizer.weight_decay": "Weight decay",
    "model.noise.std": "Gradient noise",
    "model.noise.mean": "Mean gradient",
    "model.batch.size": "Batch size",
    "model.slope": "Leak",
    "model.alpha": "Post-shift",
    "initial.gamma": "Initial scale",
    "initial.beta": "Initial shift",
    "initial.u": "Threshold",
}

LAWS = {"gaussian": "Gaussian", "laplace": "Laplace", "logistic": "logistic", "uniform": "uniform",
        "student_t": "Student t", "skew_normal": "skew normal", "empirical": "empirical", "rademacher": "Rademacher",
        "two_point": "two-point"}

OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD, momentum", "nesterov": "SGD, Nesterov", "adam_l2": "Adam, L2",
              "adamw": "AdamW"}

ESTIMATORS = {"probability_change": "plain", "probability_change_antithetic": "antithetic",
              "probability_change_control_variate": "control variate"}


def symbol(field):
    return SYMBOLS.get(field, field)


def axis_label(field):
    """"Learning rate η", for an axis."""
    name = NAMES.get(field)
    return f"{name} {symbol(field)}" if name else symbol(field)


def number(value, digits=4):
    """A number for text: 0.01, 3.2e-05 as 3.2·10⁻⁵."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or float(value).is_integer() and abs(value) < 1e6:
        return f"{int(value):,}".replace(",", "\u202f") if abs(value) >= 10000 else str(int(value))
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}·10{superscript(int(exponent))}"


def superscript(integer):
    return str(integer).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def signed(value, form):
    """A formatted number with a true minus sign."""
    return format(value, form).replace("-", "\u2212")


def power_of_ten(value):
    """3e6 as 3·10⁶ for counts."""
    exponent = len(str(int(value))) - 1
    mantissa = value / 10 ** exponent
    if value < 10000 or abs(mantissa * 1000 - round(mantissa * 1000)) > 1e-9:
        return number(int(value))
    return f"10{superscript(exponent)}" if mantissa == 1 else f"{mantissa:g}·10{superscript(exponent)}"


def tex_number(value):
    """A number inside $...$: 0.01, 10^{-6}, 3\\times 10^{5}."""
    if 1e-3 <= abs(value) < 1e5 or value == 0:
        return f"{int(value):,}".replace(",", r"\,") if float(value).is_integer() else f"{value:.3g}"
    mantissa, exponent = f"{value:.3e}".split("e")
    mantissa, exponent = f"{float(mantissa):g}", int(exponent)
    return f"10^{{{exponent}}}" if mantissa == "1" else rf"{mantissa}\times 10^{{{exponent}}}"


def plain(field):
    """The field's symbol without markup, for captions."""
    return symbol(field).translate(str.maketrans("", "", "$\\{}")).replace("gamma", "γ").replace("beta", "β").replace(
        "eta", "η").replace("lambda", "λ").replace("sigma", "σ").replace("mu", "μ").replace("alpha", "α").replace("_0", "₀")
