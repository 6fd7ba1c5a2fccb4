"""The price for everybody at a station of 1.6, in the keys DefaultPrice and DefaultPriceText,<language>."""

from collections.abc import Iterable, Iterator
from functools import partial

from stationmaster.domain.cost.default_price import KEY, LONGEST, TEXT_KEY, DefaultPrice, read
from stationmaster.domain.device_model.addresses import CONFIGURATION_KEY, Characteristics, Component, Variable
from stationmaster.station.device_model.variables import ACCEPTED, Entry, Verdict
from stationmaster.station.ports import Memory

_AT = "default_price"


class DefaultPrices:
    def __init__(self, memory: Memory, languages: Iterable[str]) -> None:
        self._memory = memory
        self._keys = (KEY, *(f"{TEXT_KEY},{language}" for language in languages))

    def entries(self) -> Iterator[Entry]:
        """The keys."""
        for key in self._keys:
            yield Entry(
                component=Component(name=CONFIGURATION_KEY),
                variable=Variable(name=key),
                characteristics=Characteristics(data_type="string"),
                mutability="ReadWrite",
                read=partial(self._value, key),
                write=partial(self._write, key),
            )

    def text(self, language: str, *, online: bool) -> str:
        """What to show; empty where nobody has said a price."""
        price = self._price(f"{TEXT_KEY},{language}") or self._price(KEY) or DefaultPrice()
        return price.price_text if online else price.price_text_offline or price.price_text

    def _price(self, key: str) -> DefaultPrice | None:
        value = self._value(key)
        return read(value) if value else None

    def _value(self, key: str) -> str:
        kept = self._memory.get(f"{_AT}:{key}")
        return "" if kept is None else kept.decode()

    def _write(self, key: str, text: str) -> Verdict:
        if len(text) > LONGEST:
            return Verdict("Rejected", "ValueOutOfRange")
        if text:
            try:
                read(text)
            except ValueError as wrong:
                return Verdict("Rejected", "InvalidValue", str(wrong))
        self._memory.put(f"{_AT}:{key}", text.encode())
        return ACCEPTED
