package org.openmmp.proxy.session;

import org.openmmp.guard.ConnectionLimits;
import org.openmmp.guard.LoginPenalty;
import org.openmmp.guard.ProvenLogins;
import org.openmmp.guard.RejectionPace;

/**
 * The limits and penalties that all sessions of a service share.
 *
 * @param limits of connections, sessions and login rate; shared by all services
 * @param penalty for wrong passwords; shared by all services
 * @param proven who was let in with what; shared by all services
 * @param pace how long refusals of this service last
 */
public record Guards(
    ConnectionLimits limits, LoginPenalty penalty, ProvenLogins proven, RejectionPace pace) {}
