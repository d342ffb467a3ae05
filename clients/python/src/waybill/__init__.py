"""A client of a Waybill server: commands, views, events, subscriptions that resume, data frames.

>>> client = Client("http://127.0.0.1:8377", token)
>>> client.view("runs", limit=10).rows
>>> async with connect("http://127.0.0.1:8377", token) as live:
...     async for event in live.events(category="run"):
...         print(event["position"], event["type"])
"""

from .client import AsyncClient, Client, Export
from .follow import Change, Events, LiveView, Phase, Status
from .live import Live, connect
from .model import (
    Answer,
    Diff,
    EventPage,
    LogEvent,
    Page,
    Place,
    Position,
    is_of,
)
from .named import Command, EventType, View
from .names import CommandName, EventName, ViewName, commands, events, views
from .problem import Fault, LogReset, WaybillError
from .ulid import new_id, time_of

__all__ = [
    "Answer",
    "AsyncClient",
    "Change",
    "Client",
    "Command",
    "CommandName",
    "Diff",
    "EventName",
    "EventPage",
    "EventType",
    "Events",
    "Export",
    "Fault",
    "Live",
    "LiveView",
    "LogEvent",
    "LogReset",
    "Page",
    "Phase",
    "Place",
    "Position",
    "Status",
    "View",
    "ViewName",
    "WaybillError",
    "commands",
    "connect",
    "events",
    "is_of",
    "new_id",
    "time_of",
    "views",
]
