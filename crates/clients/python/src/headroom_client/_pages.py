"""Lists, which come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from headroom_client._core import Call
from headroom_client._values import Model, field, fields, list_of, optional_field, text

T = TypeVar("T")


class Runner(Protocol):
    """Sends requests, and waits for their responses."""

    def run(self, call: Call[T]) -> T: ...


class AsyncRunner(Protocol):
    """Sends requests. Their responses are awaited."""

    async def run(self, call: Call[T]) -> T: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Model, Generic[T]):
    """One page of a list. It may be empty and still have a next page."""

    data: list[T]
    """The items."""
    next_cursor: str | None
    """Where the next page begins. None for the last page."""

    @staticmethod
    def of(item: Callable[[object], T]) -> Callable[[object], Page[T]]:
        """Reads a page of such items."""

        def read(value: object) -> Page[T]:
            of = fields(value)
            return Page(data=field(of, "data", list_of(item)), next_cursor=optional_field(of, "next_cursor", text))

        return read


class Pages(Generic[T]):
    """A list: iterate over its items, over its `pages()`, or get the `first_page()` alone."""

    def __init__(self, runner: Runner, call: Call[Page[T]]) -> None:
        self._runner = runner
        self._call = call

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.data

    def pages(self) -> Iterator[Page[T]]:
        """The pages, each requested when it is reached."""
        page = self.first_page()
        yield page
        while page.next_cursor is not None:
            page = self._runner.run(self._call.from_cursor(page.next_cursor))
            yield page

    def first_page(self) -> Page[T]:
        """The first page. Its `next_cursor` is the `cursor` from which to continue."""
        return self._runner.run(self._call)


class AsyncPages(Generic[T]):
    """A list: iterate over its items, over its `pages()`, or get the `first_page()` alone."""

    def __init__(self, runner: AsyncRunner, call: Call[Page[T]]) -> None:
        self._runner = runner
        self._call = call

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.data:
                yield item

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The pages, each requested when it is reached."""
        page = await self.first_page()
        yield page
        while page.next_cursor is not None:
            page = await self._runner.run(self._call.from_cursor(page.next_cursor))
            yield page

    async def first_page(self) -> Page[T]:
        """The first page. Its `next_cursor` is the `cursor` from which to continue."""
        return await self._runner.run(self._call)
