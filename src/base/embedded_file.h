#pragma once

#include <string_view>

namespace mnist {

/// A file of the sources that was built into the program, such as "report/report.css". Throws
/// std::invalid_argument if there is none of that name.
std::string_view embedded_file(std::string_view name);

}  // namespace mnist
