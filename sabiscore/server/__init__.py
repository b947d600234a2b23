"""The processes behind one port: workers that are watched over, what they load, the front, an embedded Valkey."""
