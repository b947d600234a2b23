"""The record: predictions sealed before kick-off, settled after, and checked for drift."""
