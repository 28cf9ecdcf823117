"""The hardened defaults, so that nobody loosens one without a test saying so."""

from crawlers.run import hardened


def test_scrapy_s_hostile_web_defaults_are_off() -> None:
    settings = hardened()
    assert settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES")
    assert not settings.getbool("REMOTE_CONTROL_ENABLED")
    assert not settings.getbool("TELNETCONSOLE_ENABLED")
    assert not settings.getbool("COOKIES_ENABLED")
    assert not settings.getbool("HTTPPROXY_ENABLED")
    assert settings.getbool("ROBOTSTXT_OBEY")
    assert settings.getint("DOWNLOAD_MAXSIZE") <= 32 * 1024 * 1024
    handlers = settings.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}


def test_the_floor_of_politeness_is_one_request_a_second() -> None:
    settings = hardened()
    assert settings.getfloat("DOWNLOAD_DELAY") >= 1
    assert settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") == 1
    assert settings.getbool("AUTOTHROTTLE_ENABLED")
