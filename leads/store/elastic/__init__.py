"""The team's store: Elasticsearch 9, searched by the program and by officers in Kibana."""
