package org.openmmp.proxy.imap;

import org.openmmp.proxy.session.ClientDialogue;
import org.openmmp.proxy.session.ClientFacts;
import org.openmmp.proxy.session.Farewell;
import org.openmmp.proxy.session.Protocol;
import org.openmmp.proxy.session.StoreDialogue;
import org.openmmp.proxy.session.StoreLogin;
import org.openmmp.repgroup.Service;

/** IMAP as the proxy speaks it on both sides. Safe for any thread. */
public final class ImapProtocol implements Protocol {
  private static final Service IMAP = new Service("imap");

  private final ImapSettings settings;

  /** The protocol with those decisions. */
  public ImapProtocol(ImapSettings settings) {
    this.settings = settings;
  }

  @Override
  public Service service() {
    return IMAP;
  }

  @Override
  public ClientDialogue withClient(ClientFacts facts) {
    return new ImapClientDialogue(settings, facts);
  }

  @Override
  public StoreDialogue withStore(StoreLogin login) {
    return new ImapStoreDialogue(login, settings.capabilities());
  }

  @Override
  public byte[] lastWords(Farewell why) {
    return ImapReplies.octets(ImapReplies.farewell(why));
  }
}
