"""Points that customers have earned by their events."""

from fastflowtransform import model, watermark

POINTS = {"view": 1, "cart": 3, "order": 10}


@model(name="points", deps=["events"], materialized="incremental", unique_key="event_id")
def build(events: list) -> list:
    since = watermark("received_at")
    return [
        {
            "event_id": event["event_id"],
            "customer": event["customer"],
            "points": POINTS.get(event["kind"], 0),
            "received_at": event["received_at"],
        }
        for event in events
        if since is None or str(event["received_at"]) >= since
    ]
