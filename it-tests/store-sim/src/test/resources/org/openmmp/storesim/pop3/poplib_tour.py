"""Reads mail from a store as a script of a user would; prints what it sees. Arguments: host, port."""
import poplib
import sys

pop = poplib.POP3(sys.argv[1], int(sys.argv[2]))
print(pop.capa()["SASL"])
pop.user("alice")
pop.pass_("sesame")
print(pop.stat())
print(pop.list()[1])
print(pop.retr(1)[1], sum(len(line) + 2 for line in pop.retr(1)[1]))
print(pop.top(1, 1)[1])
print(pop.uidl(1).split()[2] == pop.uidl()[1][0].split()[1])
print(pop.dele(1))
print(pop.stat())
print(pop.rset())
print(pop.quit())
