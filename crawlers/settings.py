"""The machine on one page: what Scrapy may do, and the order of everything that happens.

Sites may slow a crawl down (``config/sites``), never loosen what stands here.
"""

BOT_NAME = "markwatch"
SPIDER_MODULES = ["crawlers.sites"]

# Who we are. No browser masquerade: an authority's crawler can be told from others and stopped.
USER_AGENT = "markwatch/0.1 (+IP administration monitoring; see the contact in config/sites)"
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "markwatch"

# Politeness: the floor; a site's own delay is set by the run.
DOWNLOAD_DELAY = 1.0
CONCURRENT_REQUESTS_PER_DOMAIN = 1
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0
DOWNLOAD_TIMEOUT = 30
RETRY_TIMES = 2

# Everything outside is hostile. Scrapy's own defaults: certificates unchecked, 1 GiB bodies,
# file: and ftp: handlers, a telnet console and a server that runs posted Python.
DOWNLOAD_VERIFY_CERTIFICATES = True
DOWNLOAD_MAXSIZE = 8 * 1024 * 1024
DOWNLOAD_WARNSIZE = 4 * 1024 * 1024
DOWNLOAD_HANDLERS = {
    **dict.fromkeys(("http", "https"), "crawlers.wire.Recorded"),
    **dict.fromkeys(("file", "data", "ftp", "s3")),
}
REDIRECT_MAX_TIMES = 5
SCHEDULER = "crawlers.frontier.Frontier"
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the frontier knows what was asked for
METAREFRESH_ENABLED = False
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
COOKIES_ENABLED = False
HTTPPROXY_ENABLED = False
TWISTED_DNS_RESOLVER = "crawlers.guard.GuardedResolver"

DOWNLOADER_MIDDLEWARES = {
    "crawlers.guard.Guard": 10,  # first to see a request, redirects included
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "crawlers.politeness.Robots": 100,
    "crawlers.politeness.Politeness": 110,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "crawlers.unpack.Unpack": 590,
    "crawlers.capture.Capture": 50,  # last to see a response: the bytes a spider parses
}
ADDONS = {"crawlers.browser.Browser": 500}  # stays out of the way where there is no Chromium
SPIDER_MIDDLEWARES = {
    # It drops a request for a long address without a word, and its listing with it.
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # nobody asks
}
EXTENSIONS = {"crawlers.health.Health": 500, "crawlers.settling.Settling": 600}

# What happens to every listing.
ITEM_PIPELINES = {
    "pipelines.clean.Clean": 100,
    "pipelines.pictures.Pictures": 200,
    "pipelines.match.Match": 300,
}

# Where things are; the command line sets these.
MARKWATCH_CONFIG = "config"
MARKWATCH_VAULT = "var/vault"
# host:port pairs of practice servers on loopback: the only private addresses the guard lets pass.
MARKWATCH_PRACTICE_HOSTS: list[str] = []
MARKWATCH_PAGES_LEFT: int | None = None  # of the day's budget; None for a site without

CONCURRENT_ITEMS = 8  # of one page; Scrapy starts that many tasks for every page
LOG_LEVEL = "WARNING"
LOG_INSTALL_ROOT_HANDLER = False
