package org.openmmp.config;

import java.time.Duration;
import org.openmmp.wire.NetworkSet;

/**
 * Who may announce clients by the PROXY protocol (rule B6.5): {@code openmmp.proxy-protocol}.
 *
 * @param networks of the load balancers that are believed
 * @param timeout from the accept until the whole header has come
 */
public record ProxyProtocolConfig(NetworkSet networks, Duration timeout) {}
