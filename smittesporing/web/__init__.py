"""The doors: `pages` for people, `api` for machines; `routes` declares every one of their addresses."""
