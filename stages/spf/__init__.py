"""SPF records: the parser and the crawl of includes (RFC 7208)."""
