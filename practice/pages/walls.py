"""Pages that stand in a crawler's way: a slider, a log-in, a private list, an item taken down."""

from __future__ import annotations

from practice.pages.markup import Body

ROBOTS = Body(
    b"User-agent: *\nDisallow: /market/private/\nCrawl-delay: 0.02\n", "text/plain; charset=utf-8"
)

CAPTCHA = Body(
    """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>验证码拦截</title></head>
<body><div class="warnning-text">亲，请拖动下方滑块完成验证</div>
<div id="nocaptcha" class="nc-container"><div id="nc_1_wrapper" class="nc_wrapper">
<div id="nc_1_n1t" class="nc_scale"><span id="nc_1_n1z" class="nc_iconfont btn_slide"></span>
<span class="nc-lang-cnt">请按住滑块，拖动到最右边</span></div></div></div>
</body></html>
""".encode()
)

LOGIN = Body(
    """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>请登录</title></head>
<body><h1>请登录</h1><form method="post" id="login-form">
<label>会员名 <input name="loginId"></label>
<label>密码 <input name="password" type="password"></label>
<button type="submit">登录</button></form></body></html>
""".encode()
)

PRIVATE = Body(
    """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>收藏夹</title></head>
<body><h1>收藏夹</h1><p>收藏夹为空。</p></body></html>
""".encode()
)

TAKEN_DOWN = Body(
    """<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>商品已下架-演练市场</title></head>
<body><div class="error-notice"><h2>很抱歉，您查看的商品已下架</h2>
<p>可能已被卖家下架或者转移。</p><a href="/market/search">看看其他商品</a></div></body></html>
""".encode()
)
