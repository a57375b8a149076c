"""The desk: web service where managers take over, follow leads and teach the assistant."""
