"""The only place that opens paths: experiment files, tables, resources, exports."""
