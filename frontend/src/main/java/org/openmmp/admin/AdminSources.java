package org.openmmp.admin;

import java.util.List;
import java.util.function.Supplier;
import org.openmmp.directory.DirectoryServerState;
import org.openmmp.repgroup.GroupSnapshot;

/**
 * Where the admin pages come from. All are asked on the admin's threads and answer soon.
 *
 * @param health for the load balancer's pages
 * @param metrics all meters in Prometheus' text format, see {@link Metrics#scrape}
 * @param groups what is remembered of every group now
 * @param fingerprint the group table's, the same on every front end that has the same table
 * @param directory what is known of the directory's servers now
 * @param explain for the explain page
 */
public record AdminSources(
    HealthSource health,
    Supplier<String> metrics,
    Supplier<List<GroupSnapshot>> groups,
    Supplier<String> fingerprint,
    Supplier<List<DirectoryServerState>> directory,
    ExplainSource explain) {}
