package org.openmmp.architecture;

/** The packages without input and output, which are given time and randomness. */
final class PurePackages {
  static final String[] ALL = {
    "org.openmmp.repgroup..",
    "org.openmmp.directory",
    "org.openmmp.text..",
    "org.openmmp.wire..",
    "org.openmmp.guard..",
    "org.openmmp.routing..",
    "org.openmmp.proxy.identity..",
    "org.openmmp.proxy.store..",
    "org.openmmp.proxy.client..",
    "org.openmmp.proxy.session..",
    "org.openmmp.proxy.imap..",
    "org.openmmp.proxy.pop3..",
    "org.openmmp.lmtp.protocol..",
    "org.openmmp.lmtp.store..",
    "org.openmmp.lmtp.transaction.."
  };

  private PurePackages() {}
}
