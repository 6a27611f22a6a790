#pragma once

#include <string_view>

namespace mnist {

// The files of src/web, which CMake puts into the program.

std::string_view draw_page();     ///< draw.html
std::string_view report_style();  ///< report.css

}  // namespace mnist
