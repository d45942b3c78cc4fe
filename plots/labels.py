"""Names, symbols and units of fields and numbers, as figures and captions write them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Quantity:
    """A field of a spec: its name, its symbol in TeX (for axes) and in plain text (for captions)."""

    name: str
    tex: str = ""
    text: str = ""


QUANTITIES = {
    "optimizer.learning_rate": Quantity("Learning rate", r"$\eta$", "η"),
    "optimizer.weight_decay": Quantity("Weight decay", r"$\lambda$", "λ"),
    "optimizer.name": Quantity("Optimizer"),
    "optimizer.second_moment": Quantity("Stored second moment"),
    "optimizer.steps_taken": Quantity("Earlier steps"),
    "model.noise.std": Quantity("Gradient noise", r"$\sigma$", "σ"),
    "model.noise.mean": Quantity("Mean gradient", r"$\mu$", "μ"),
    "model.batch.size": Quantity("Batch size", "$m$", "m"),
    "model.leak": Quantity("Leak", "$a$", "a"),
    "model.alpha": Quantity("Post-shift", r"$\alpha$", "α"),
    "model.x.law": Quantity("Law of x"),
    "initial.gamma": Quantity("Initial scale", r"$\gamma_0$", "γ₀"),
    "initial.beta": Quantity("Initial shift", r"$\beta_0$", "β₀"),
    "initial.u": Quantity("Threshold", "$u$", "u"),
    "initial.law": Quantity("Law of β/γ"),
    "initial.ratio_std": Quantity("Standard deviation of β/γ"),
    "simulation.steps": Quantity("Steps", "$t$", "t"),
    "seed": Quantity("Seed"),
    "network.gamma": Quantity("Initial scale", r"$\gamma_0$", "γ₀"),
    "network.beta": Quantity("Initial shift", r"$\beta_0$", "β₀"),
    "network.alpha": Quantity("Post-shift", r"$\alpha$", "α"),
    "network.leak": Quantity("Leak", "$a$", "a"),
    "network.normalisation": Quantity("Normalisation"),
    "network.architecture": Quantity("Network"),
    "network.width": Quantity("Width"),
    "network.depth": Quantity("Depth"),
    "training.batch": Quantity("Batch size", "$m$", "m"),
    "training.epochs": Quantity("Epochs in a round"),
    "training.rounds": Quantity("Rounds"),
    "training.shuffle_weights_after": Quantity("Weights shuffled after round"),
    "data.labels": Quantity("Labels"),
    "data.train_images": Quantity("Training images"),
}

LAWS = {"gaussian": "Gaussian", "laplace": "Laplace", "logistic": "logistic", "uniform": "uniform",
        "student_t": "Student t", "skew_normal": "skew normal", "empirical": "empirical", "rademacher": "Rademacher"}

OPTIMIZERS = {"sgd": "SGD", "momentum": "SGD, momentum", "nesterov": "SGD, Nesterov", "adam": "Adam, L2",
              "amsgrad": "AMSGrad, L2", "adamw": "AdamW", "rmsprop": "RMSprop, L2", "adagrad": "Adagrad, L2"}


def quantity(field):
    return QUANTITIES.get(field, Quantity(field))


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


def value(text_or_number):
    """A parameter's value in a caption: a law's or optimizer's name, or a number."""
    if isinstance(text_or_number, str):
        return LAWS.get(text_or_number) or OPTIMIZERS.get(text_or_number, text_or_number)
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
