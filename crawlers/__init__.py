"""Where listings come from: Scrapy lives here and in pipelines."""
