"""The browser's part of the pages: TypeScript islands and styles, and the command that bundles them."""
