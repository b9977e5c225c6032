"""Uses a store as a script of an administrator would; prints what it sees. Arguments: host, port."""
import imaplib
import sys

imap = imaplib.IMAP4(sys.argv[1], int(sys.argv[2]))
imap.login("alice", "sesame")
print(imap.create("work"))
print(imap.list()[1])
print(imap.append("work", r"(\Flagged)", '" 2-Nov-2026 08:30:01 +0000"', b"Subject: one\r\n\r\nbody\r\n")[0])
print(imap.select("work"))
print(imap.search(None, "FLAGGED"))
print(imap.fetch("1", "(FLAGS BODY[TEXT])")[1][0])
print(imap.store("1", "+FLAGS", r"(\Deleted)")[0])
print(imap.expunge())
print(imap.status("work", "(MESSAGES)"))
print(imap.close()[0], imap.logout()[0])
