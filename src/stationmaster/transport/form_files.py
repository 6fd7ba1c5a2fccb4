"""The file in a form (multipart/form-data), taken out as it arrives."""

from collections.abc import AsyncIterator

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)


class NotAForm(ValueError):
    """The body is not the form that its head announces, or has no file in it."""


class FormFile:
    """The first file of a form. ``name`` is known once :meth:`content` has begun."""

    def __init__(self, content_type: str, body: AsyncIterator[bytes]) -> None:
        boundary = parse_options_header(content_type)[1].get("boundary", "")
        if not boundary:
            raise NotAForm("the form has no boundary")
        self._body = body
        self._parser = PushMultipartParser(boundary, max_header_size=4096, max_header_count=8, max_segment_count=16)
        self.name: str | None = None

    async def content(self) -> AsyncIterator[bytes]:
        """The file's bytes. Other fields are read and thrown away. Raises NotAForm, at the latest at the end."""
        found, inside = False, False
        async for data in self._body:
            for event in self._parse(data):
                if isinstance(event, MultipartSegment):
                    inside = not found and event.filename is not None
                    if inside:
                        found, self.name = True, event.filename
                elif event is None:
                    inside = False
                elif inside:
                    yield bytes(event)
        self._end()
        if not found:
            raise NotAForm("the form has no file")

    def _end(self) -> None:
        try:
            self._parser.close(check_complete=True)
        except MultipartError as error:
            raise NotAForm(str(error)) from error

    def _parse(self, data: bytes) -> list[MultipartSegment | bytearray | None]:
        try:
            return list(self._parser.parse(data))
        except MultipartError as error:
            raise NotAForm(str(error)) from error


def is_form(content_type: str | None) -> bool:
    return content_type is not None and content_type.lower().startswith("multipart/form-data")
