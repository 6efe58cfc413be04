"""People's screens: server-rendered pages in Norwegian, one file per area. Do not know the API's files."""
