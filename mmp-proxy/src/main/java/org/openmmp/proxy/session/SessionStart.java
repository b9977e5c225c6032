package org.openmmp.proxy.session;

import org.openmmp.proxy.identity.ClientFacts;
import org.openmmp.repgroup.Service;

/** A session's begin, for the log. */
public record SessionStart(Service service, ClientFacts client) {}
