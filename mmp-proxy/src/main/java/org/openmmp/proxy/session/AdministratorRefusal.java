package org.openmmp.proxy.session;

import org.openmmp.repgroup.Service;

/**
 * A store did not take the administrator who logs users in without a password of theirs (rules
 * B3.10, B3.13): a setting here or at the store is wrong.
 *
 * @param service what was logged in to
 * @param group whose administrator it is
 * @param host the store
 * @param user for whom it was to log in; octets of the client's choice
 * @param reason what it answered, in words of ours
 */
public record AdministratorRefusal(
    Service service, String group, String host, String user, String reason) {}
