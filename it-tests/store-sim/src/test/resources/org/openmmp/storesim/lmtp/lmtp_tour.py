"""Delivers a message as Python's LMTP client does, and prints who did not get it."""

import smtplib
import sys

client = smtplib.LMTP(sys.argv[1], int(sys.argv[2]))
refused = client.sendmail(
    "bob@example.net",
    ["alice", "nobody"],
    "Subject: x\r\n\r\n.one\r\n..\r\n",
    mail_options=["BODY=8BITMIME"],
)
for recipient, reply in refused.items():
    print(f"{recipient}: {reply[0]}")
client.quit()
