"""Live progress: one LISTEN connection per web process, fanned out to the event streams that are open."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

import psycopg
from django.db import connections

from backend.jobs.services import NOTIFY_CHANNEL

logger = logging.getLogger(__name__)

# Who has a case open changes; the payload names the cohort and the case.
NOTIFY_PRESENCE = "petra_presence"
QUEUE_SIZE = 256
RECONNECT_DELAY_S = 1.0


class JobEventHub:
    """Hands every notification to every subscriber; a subscriber that cannot keep up is told to read afresh (None)."""

    def __init__(self, channel: str = NOTIFY_CHANNEL) -> None:
        self._channel = channel
        self._subscribers: set[asyncio.Queue] = set()
        self._listener: asyncio.Task | None = None
        self._listening = asyncio.Event()

    @contextlib.asynccontextmanager
    async def subscribe(self) -> AsyncIterator[asyncio.Queue]:
        """A queue of notifications from now on. Subscribe first, then read the rows: so nothing is missed."""
        queue: asyncio.Queue = asyncio.Queue(QUEUE_SIZE)
        self._subscribers.add(queue)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listening.wait(), 5)
        try:
            yield queue
        finally:
            self._subscribers.discard(queue)

    async def _listen(self) -> None:
        while self._subscribers:
            try:
                await self._listen_once()
            except psycopg.OperationalError:
                logger.warning("the notification connection was lost; connecting again")
                self._listening.clear()
                self._hand_out(None)
                await asyncio.sleep(RECONNECT_DELAY_S)
        self._listening.clear()

    async def _listen_once(self) -> None:
        async with await psycopg.AsyncConnection.connect(**_connection_parameters(), autocommit=True) as connection:
            await connection.execute(f"LISTEN {self._channel}")
            self._listening.set()
            while self._subscribers:
                async for notification in connection.notifies(timeout=15):
                    self._hand_out(json.loads(notification.payload))

    def _hand_out(self, event: dict | None) -> None:
        for queue in self._subscribers:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                event = None
            queue.put_nowait(event)


def _connection_parameters() -> dict:
    parameters = connections["default"].get_connection_params()
    wanted = ("dbname", "user", "password", "host", "port")
    return {name: parameters[name] for name in wanted if parameters.get(name)}


_hubs: dict[tuple[asyncio.AbstractEventLoop, str], JobEventHub] = {}


def job_event_hub() -> JobEventHub:
    """The hub of the running event loop for changes of jobs."""
    return event_hub(NOTIFY_CHANNEL)


def event_hub(channel: str) -> JobEventHub:
    """The hub of the running event loop for one channel; it listens while somebody has subscribed."""
    loop = asyncio.get_running_loop()
    if (loop, channel) not in _hubs:
        for stale in [known for known in _hubs if known[0].is_closed()]:
            del _hubs[stale]
        _hubs[loop, channel] = JobEventHub(channel)
    return _hubs[loop, channel]
