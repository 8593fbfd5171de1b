"""Plain arithmetic, worked out exactly and without a model: + - * / powers, roots, percent, sums and averages."""

from __future__ import annotations

import math
import re
from fractions import Fraction

LONGEST = 300  # characters of a question that is looked at
MOST_BITS = 4096  # of a result
MOST_DIGITS = 40  # shown of a whole number
DEEPEST = 40  # nested brackets

_ONES = "zero one two three four five six seven eight nine".split()  # noqa: SIM905  # plainer than a list
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()  # noqa: SIM905
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_NUMBERS = {word: n for n, word in enumerate([*_ONES, *_TEENS])} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES[1:])}))?|{'|'.join([*_TEENS, *_ONES])})"
_BELOW_1000 = rf"(?:(?:{_SMALL} |a )?hundred(?:(?: and)? {_SMALL})?|{_SMALL})"
_SCALED = rf"{_BELOW_1000} (?:thousand|million|billion)"
_WRITTEN = re.compile(
    rf"\b{_SCALED}(?:(?: and)? {_SCALED}){{0,2}}(?:(?: and)? {_BELOW_1000}(?! (?:thousand|million|billion)))?\b"
    rf"|\b{_BELOW_1000}\b"
)
_ASKING = re.compile(
    r"^(?:(?:please|hey|ok|so|and|can you|could you|i need to know|i want to know|tell me|do you know"
    r"|let me know|quick(?:ly)?)[, ]{1,2}){0,3}"
    r"(?:what(?:'?s| is| are| does| do)?|how much (?:is|are)|calculate|compute|evaluate|work out|solve|find"
    r"|add up|the (?:answer|result|solution) (?:to|of)|answer to|give me)?\s{0,2}"
    r"(?:the )?(?:(?:answer|result|solution|value) (?:to|of) )?(?:the )?"
)
_ENDING = re.compile(r"(?:\s?(?:equals?|equal to|is what|is|make|please|thanks|=|\?|(?<![\d)])!|\.(?!\d))){1,6}\s*$")
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(find), new)
    for find, new in (
        (r"(?<=\d),(?=\d{3}(?!\d))", ""),
        (r"[$€£]\s?(?=\d)", ""),
        (r"\bcube(?:d)? root of\s*", " cbrt "),
        (r"\b(?:square root|sqrt|root)(?: of)?\s*", " sqrt "),
        (r"\b(?:to the power of|raised to(?: the power of)?)\b|\*\*", "^"),
        (r"\bsquared\b|²", "^2"),
        (r"\bcubed\b|³", "^3"),
        (r"\b(?:half of|half)\b", "0.5 * "),
        (r"\b(?:multiplied by|times)\b|[×·]|(?<=\d)\s?x\s?(?=\d)", "*"),
        (r"\b(?:divided by|over)\b|÷", "/"),
        (r"\bplus\b", "+"),
        (r"\bminus\b|[−–]", "-"),
        (r"\b(?:modulo|mod)\b", " mod "),
        (r"\bpercent\b|\bper cent\b", "%"),
        (r"%\s?of(?: the)?\b", "% of"),
    )
)
_PLAIN = r"(\d{1,20}(?:\.\d{1,20})?|\.\d{1,20})"
_OFF = re.compile(rf"^{_PLAIN}\s?%\s?(off|more than|less than)(?: of)?\s?{_PLAIN}$")
_CHANGE = re.compile(rf"^{_PLAIN}\s?([+-])\s?{_PLAIN}\s?%$")
_LIST = re.compile(r"^(sum|product|average|mean|difference|median)\s(?:of|between)\s(.{3,200})$")
_VERB = re.compile(rf"^(add|subtract|multiply|divide)\s{_PLAIN}\s?(?:and|to|from|by|with)\s?{_PLAIN}$")
_TOKEN = re.compile(r"\s*(\d{1,40}(?:\.\d{1,40})?|\.\d{1,40}|sqrt|cbrt|mod|% of|[-+*/^()%!])")


def solve(question: str) -> str | None:
    """Return the worked result as Markdown, or None when the question is more than plain arithmetic.

    Whole numbers and fractions are exact; other results are rounded to 10 significant digits and marked ≈.
    Division by zero and results beyond 4096 bits are said in words.
    """
    expression = _expression(question)
    if expression is None:
        return None
    try:
        shown, exact = _show(_value(expression))
    except ZeroDivisionError:
        return "That divides by zero, so it has no value."
    except OverflowError:
        return "That result is too large to write down."
    except _NotArithmeticError:
        return None
    return f"{_pretty(expression)} {'=' if exact else '≈'} **{shown}**"


class _NotArithmeticError(Exception):
    pass


def _expression(question: str) -> str | None:
    """Return the question as an expression, or None when words remain that are no arithmetic."""
    if len(question) > LONGEST:
        return None
    text = " ".join(question.lower().replace("’", "'").split())
    text = _ENDING.sub("", _ASKING.sub("", text, count=1)).strip()
    text = _WRITTEN.sub(lambda found: str(_number_of(found.group())), text)
    for find, new in _REWRITES:
        text = find.sub(new, text)
    text = " ".join(text.split())
    return text if re.search(r"\d", text) and re.search(r"[-+*/^%!]|\d mod|sqrt|cbrt|^[a-z]+ ", text) else None


def _value(text: str) -> Fraction | float:
    if found := _OFF.match(text):
        share, base = Fraction(found[1]) / 100, Fraction(found[3])
        return base * (1 + share if found[2] == "more than" else 1 - share)
    if found := _CHANGE.match(text):
        share = Fraction(found[3]) / 100
        return Fraction(found[1]) * (1 + share if found[2] == "+" else 1 - share)
    if found := _VERB.match(text):
        return _of_verb(found[1], Fraction(found[2]), Fraction(found[3]))
    if found := _LIST.match(text):
        return _of_list(found[1], [_Parser(part).parse() for part in re.split(r",? and |, ?", found[2]) if part])
    return _Parser(text).parse()


def _of_verb(verb: str, first: Fraction, second: Fraction) -> Fraction:
    if verb == "add":
        return first + second
    if verb == "subtract":
        return second - first  # "subtract 5 from 20"
    return first * second if verb == "multiply" else first / second


def _of_list(name: str, values: list[Fraction | float]) -> Fraction | float:
    if len(values) < 2:
        raise _NotArithmeticError
    if name == "product":
        product: Fraction | float = Fraction(1)
        for value in values:
            product = _check_size(product * value)
        return product
    if name == "difference":
        return max(values[0] - values[1], values[1] - values[0])
    if name == "median":
        ordered = sorted(values)
        return (ordered[(len(values) - 1) // 2] + ordered[len(values) // 2]) / 2
    total = sum(values[1:], values[0])
    return total if name == "sum" else total / len(values)


class _Parser:
    """Recursive descent over a bounded text: sums of products of powers of numbers."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        self._depth = 0
        position = 0
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise _NotArithmeticError
            self._tokens.append(found[1])
            position = found.end()

    def parse(self) -> Fraction | float:
        value = self._sum()
        if self._tokens:
            raise _NotArithmeticError
        return value

    def _take(self, *wanted: str) -> str | None:
        return self._tokens.pop(0) if self._tokens and self._tokens[0] in wanted else None

    def _sum(self) -> Fraction | float:
        value = self._product()
        while operator := self._take("+", "-"):
            other = self._product()
            value = _check_size(value + other if operator == "+" else value - other)
        return value

    def _product(self) -> Fraction | float:
        value = self._unary()
        while operator := self._take("*", "/", "mod", "% of"):
            other = self._unary()
            if operator == "*":
                value = value * other
            elif operator == "% of":
                value = value * other / 100
            elif operator == "/":
                value = value / other
            else:
                value = value % other
            value = _check_size(value)
        return value

    def _unary(self) -> Fraction | float:
        if self._take("-"):
            return -self._unary()
        if self._take("+"):
            return self._unary()
        if root := self._take("sqrt", "cbrt"):
            return _root(self._unary(), 2 if root == "sqrt" else 3)
        return self._power()

    def _power(self) -> Fraction | float:
        base = self._atom()
        while self._take("!"):
            base = _factorial(base)
        if self._take("%"):
            base = base / 100
        return _power(base, self._unary()) if self._take("^") else base

    def _atom(self) -> Fraction | float:
        if self._take("("):
            self._depth += 1
            if self._depth > DEEPEST:
                raise _NotArithmeticError
            value = self._sum()
            if not self._take(")"):
                raise _NotArithmeticError
            return value
        if not self._tokens or not re.fullmatch(r"[\d.]+", self._tokens[0]):
            raise _NotArithmeticError
        return Fraction(self._tokens.pop(0))


def _power(base: Fraction | float, exponent: Fraction | float) -> Fraction | float:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * abs(exponent) > MOST_BITS:
            raise OverflowError
        return Fraction(base ** int(exponent))
    if base < 0:
        raise _NotArithmeticError
    if base == 0 and exponent < 0:
        raise ZeroDivisionError
    return math.pow(float(base), float(exponent))


def _root(value: Fraction | float, degree: int) -> Fraction | float:
    if value < 0:
        raise _NotArithmeticError
    if isinstance(value, Fraction):
        top, bottom = (round(part ** (1 / degree)) for part in (value.numerator, value.denominator))
        if top**degree == value.numerator and bottom**degree == value.denominator:
            return Fraction(top, bottom)
    return math.pow(float(value), 1 / degree)


def _factorial(value: Fraction | float) -> Fraction:
    if not isinstance(value, Fraction) or value.denominator != 1 or value < 0:
        raise _NotArithmeticError
    if value > 450:  # 450! has some 3,300 bits
        raise OverflowError
    return Fraction(math.factorial(int(value)))


def _check_size(value: Fraction | float) -> Fraction | float:
    if isinstance(value, float):
        is_too_large = not math.isfinite(value)
    else:
        is_too_large = max(value.numerator.bit_length(), value.denominator.bit_length()) > MOST_BITS
    if is_too_large:
        raise OverflowError
    return value


def _show(value: Fraction | float) -> tuple[str, bool]:
    """Return the value as people write it, and whether that is exact."""
    if isinstance(value, Fraction) and value.denominator == 1:
        digits = str(abs(value.numerator))
        if len(digits) > MOST_DIGITS:
            return f"{float(value):.9e}" if len(digits) < 300 else f"a number of {len(digits)} digits", False
        return f"{value.numerator:,}", True
    short = f"{float(value):.10g}"
    return short, isinstance(value, Fraction) and "e" not in short and Fraction(short) == value


def _number_of(words: str) -> int:
    """Return the number that words name: "two hundred and five" is 205."""
    total = current = 0
    for word in words.replace("-", " ").split():
        if word in _NUMBERS:
            current += _NUMBERS[word]
        elif word == "hundred":
            current = max(current, 1) * 100
        elif word in _SCALES:
            total, current = total + max(current, 1) * _SCALES[word], 0
    return total + current


def _pretty(expression: str) -> str:
    """Return the expression with the signs people write; spaces around signs between numbers only."""
    for plain, nice in (("sqrt ", "√"), ("cbrt ", "∛"), ("*", "×"), (" ^", "^"), ("^ ", "^"), ("-", "−")):
        expression = expression.replace(plain, nice)
    return re.sub(r"(?<=[\d)%!])\s?([×/+−])\s?(?=[\d(√∛.−])", r" \1 ", expression)
