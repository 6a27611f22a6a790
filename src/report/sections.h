#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "report/html.h"
#include "run/stored_run.h"

namespace mnist {

// The parts of a report. Of several runs, the one at i has the style i of a chart's series. Each
// part says in words what it lacks.

/// The losses of all runs over the epochs, in one chart.
Html curves_section(const std::vector<StoredRun>& runs);

/// The pictures of StoredRun::mistakes.
Html mistakes_section(const std::vector<StoredRun>& runs);

// What the parts are made of.

/// A section with its heading.
Html section(const std::string& heading, const Html& content);

/// <th scope="...">
Html header_cell(const char* scope, const Html& content);

/// A table that scrolls by itself where the page is too narrow for it.
Html scrolling_table(const std::string& name, const std::string& kind, const Html& rows);

/// The name of a run, marked as its lines are where there are several.
Html run_label(const std::vector<StoredRun>& runs, std::size_t run);

/// "96.50 to 98.43 %"
std::string interval_text(std::int64_t correct, std::int64_t total);

/// The value of an option; a dash if it was not set.
std::string option_of(const StoredRun& run, const std::string& name);

/// What a sentence about a run begins with: its name, if there are several.
std::string subject(const std::vector<StoredRun>& runs, std::size_t run);

/// The positions of the runs that have a test.
std::vector<std::size_t> tested(const std::vector<StoredRun>& runs);

/// Of a run that has no test.
std::string why_untested(const std::vector<StoredRun>& runs, std::size_t run);

/// The same of all that have none, each a paragraph.
Html untested_notes(const std::vector<StoredRun>& runs);

}  // namespace mnist
