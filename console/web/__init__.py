"""The officers' console: pages over a store, rendered on the server, whole without JavaScript."""
