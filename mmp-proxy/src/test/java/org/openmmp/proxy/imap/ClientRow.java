package org.openmmp.proxy.imap;

import static org.openmmp.proxy.imap.ImapFixtures.protocol;
import static org.openmmp.proxy.imap.ImapFixtures.talk;
import static org.openmmp.proxy.session.DialogueFixtures.IN_CLEAR;
import static org.openmmp.proxy.session.DialogueFixtures.UNDER_TLS;

import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.proxy.session.DialogueRow;

/** What a client sends and what comes of it. */
record ClientRow(String name, ClientFacts facts, String in, String out) {
  static final String SYNTAX = "BAD LOGIN takes a name and a password.\n";
  static final String WRONG = "NO [AUTHENTICATIONFAILED] Authentication failed.\n";
  static final String PRIVACY = "NO [PRIVACYREQUIRED] Begin TLS first.\n";
  static final String ABUSE = "* BYE Too many bad commands, or one that is too long.\n<close>";

  static ClientRow row(String name, String in, String out) {
    return new ClientRow(name, UNDER_TLS, in, out);
  }

  static ClientRow clear(String name, String in, String out) {
    return new ClientRow(name, IN_CLEAR, in, out);
  }

  static String loggedIn(String credentials, String tag, String rest) {
    String capabilities = "* CAPABILITY IMAP4rev1 IDLE\n";
    return "<login " + credentials + ">" + capabilities + tag + " OK Logged in\n<rest>" + rest;
  }

  void assertSameAtEverySplit() {
    new DialogueRow(name, in, out, packets -> talk(protocol("IMAP4rev1", "IDLE"), facts, packets))
        .assertSameAtEverySplit();
  }

  @Override
  public String toString() {
    return name;
  }
}
