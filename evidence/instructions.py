"""``核验说明.txt``: how anyone checks a packet with what is on the computer already."""

from __future__ import annotations

from collections.abc import Sequence

_TEXT = """核验说明

一、封装状态
{seals}

二、Windows（无需安装软件）
1. 在压缩包上点右键，选择“全部解压缩”，打开解压所得的文件夹。
2. 在地址栏输入 cmd 并回车，打开命令提示符。
3. 输入（文件名按需替换）：
       certutil -hashfile data\\evidence\\E001\\page.bin SHA256
4. 将显示的 64 位字符与 manifest-sha256.txt 中该文件的一行比较，完全相同即未改动。
   manifest-sha256.txt 自身的哈希值列在 tagmanifest-sha256.txt 中，核对方法相同；
   签名和时间戳都是对 tagmanifest-sha256.txt 作出的。

三、Linux
       unzip 证据包.zip && cd 解压所得的文件夹
       sha256sum -c tagmanifest-sha256.txt
       sha256sum -c manifest-sha256.txt
   时间戳（文件 tagmanifest-sha256.txt.tsr）：
       openssl ts -verify -data tagmanifest-sha256.txt -in tagmanifest-sha256.txt.tsr \\
         -CAfile authority.pem
   签名（文件 tagmanifest-sha256.txt.p7s）：
       openssl cms -verify -binary -inform DER -in tagmanifest-sha256.txt.p7s \\
         -content tagmanifest-sha256.txt -CAfile signer.pem -partial_chain \\
         -purpose any -out /dev/null
   authority.pem、signer.pem 应与签发机构自行公布的证书核对，或直接换用后者。

四、装有 markwatch 的电脑
       markwatch verify 证据包.zip
   除上述各项外，还核验缺少、多出的文件，国密 SM3 清单，保管链，采集记录，以及压缩包的每个字节。

五、文件
   data/leads/        各条线索及其摘要
   data/evidence/     各项证据，每项一个文件夹：证据文件、capture.json（采集记录）、
                      exchange.warc（网络请求和应答的原始记录）
   data/custody/      保管链：每行含前一行的摘要，删改任何一行都会断开
   文书在 data/ 下，以两位数字开头。

六、能证明什么
   哈希值相符，说明文件与制作本证据包时一致；时间戳有效，说明这些文件在所载时间之前已经存在；
   签名有效，说明由持有该私钥的单位封装。它们都不能证明网页内容真实，也不代替执法人员依法取证。

evidence 文件夹中的 .bin 和 .mhtml 文件来自网页，可能含有脚本，请勿在联网的电脑上直接打开。
"""


def instructions(seals: Sequence[str]) -> bytes:
    """Return the text for a packet of which ``seals`` says how it is sealed, a line each.

    Notepad before 2019 needs the mark and both line ends.
    """
    lines = "\n".join(f"   {line}" for line in seals)
    return _TEXT.format(seals=lines).replace("\n", "\r\n").encode("utf-8-sig")
