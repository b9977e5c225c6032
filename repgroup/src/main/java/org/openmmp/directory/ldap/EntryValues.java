package org.openmmp.directory.ldap;

import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.RDN;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.openmmp.directory.AccountStatus;
import org.openmmp.directory.LookupResult;
import org.openmmp.directory.ServiceAccess;
import org.openmmp.directory.UnusableValueException;
import org.openmmp.text.SafeText;

/** Reads the values of one entry. */
record EntryValues(Entry entry) {
  private static final int MAX_MAIL_HOST = 255;

  /**
   * A status and where it was found.
   *
   * @param reason for the log; empty for an active one
   */
  record Status(AccountStatus status, String reason) {
    static final Status ACTIVE = new Status(AccountStatus.ACTIVE, "");

    /** The stricter of the two, the first if they are equal (rule B1.4). */
    Status or(Status other) {
      return status.or(other.status) == status ? this : other;
    }

    LookupResult.Kind kind() {
      return status.kind();
    }
  }

  /** All values of an attribute. */
  List<String> all(String attribute) {
    String[] values = entry.getAttributeValues(attribute);
    return values == null ? List.of() : List.of(values);
  }

  /**
   * The values of an attribute, only the distinguished one where the entry's name has one: the
   * order of values means nothing in LDAP (RFC 4511 section 4.1.7).
   */
  List<String> distinguished(String attribute) {
    List<String> values = all(attribute);
    return values.size() < 2 ? values : inName(attribute).map(List::of).orElse(values);
  }

  private Optional<String> inName(String attribute) {
    try {
      RDN name = entry.getRDN();
      if (name != null) {
        for (int i = 0; i < name.getValueCount(); i++) {
          if (name.getAttributeNames()[i].equalsIgnoreCase(attribute)) {
            return Optional.of(name.getAttributeValues()[i]);
          }
        }
      }
      return Optional.empty();
    } catch (LDAPException e) {
      return Optional.empty();
    }
  }

  /** The strictest status of these attributes. */
  Status status(List<String> attributes) {
    Status strictest = Status.ACTIVE;
    for (String attribute : attributes) {
      for (String value : all(attribute)) {
        AccountStatus status = AccountStatus.of(value);
        String reason = status == AccountStatus.ACTIVE ? "" : attribute + " is " + status.word();
        strictest = strictest.or(new Status(status, reason));
      }
    }
    return strictest;
  }

  /** The service access filters of these attributes together. */
  ServiceAccess access(List<String> attributes) throws UnusableValueException {
    ServiceAccess access = ServiceAccess.OPEN;
    for (String attribute : attributes) {
      for (String value : all(attribute)) {
        access = access.and(ServiceAccess.parse(value));
      }
    }
    return access;
  }

  /** The mail host of the first of these attributes that has one; empty if none has (B1.2). */
  String mailHost(List<String> attributes) throws UnusableValueException {
    for (String attribute : attributes) {
      List<String> hosts =
          all(attribute).stream()
              .map(host -> host.strip().toLowerCase(Locale.ROOT))
              .filter(host -> !host.isEmpty())
              .distinct()
              .toList();
      if (hosts.size() > 1) {
        throw new UnusableValueException(attribute + " has several values");
      }
      if (hosts.size() == 1) {
        return checkedHost(attribute, hosts.get(0));
      }
    }
    return "";
  }

  /** The first value of each of these attributes that is there. */
  Map<String, String> firstOf(List<String> attributes) {
    Map<String, String> values = new HashMap<>();
    for (String attribute : attributes) {
      all(attribute).stream().findFirst().ifPresent(value -> values.put(attribute, value));
    }
    return values;
  }

  private static String checkedHost(String attribute, String host) throws UnusableValueException {
    boolean clean =
        host.length() <= MAX_MAIL_HOST
            && SafeText.isVisible(host)
            && host.chars().noneMatch(c -> c == ' ' || c == '/');
    if (!clean) {
      throw new UnusableValueException(attribute + " is no host name");
    }
    return host;
  }
}
