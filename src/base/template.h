#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace mnist {

/// A file of the sources that was built into the program, such as "report/report.css". Throws
/// std::invalid_argument if there is none of that name.
std::string_view embedded_file(std::string_view name);

/// Fills in a mustache template: {{name}} is replaced by the text of that member of `view`, escaped
/// for HTML, {{{name}}} by the text as it is, {{#name}}...{{/name}} is repeated for each element of
/// an array and left out if the member is false, null, an empty text or an empty array,
/// {{^name}}...{{/name}} is the reverse. {{>name}} is replaced by the text of that member, filled
/// in as a template as well. Values are texts, booleans, arrays and objects; whoever makes the view
/// formats the numbers. Throws std::invalid_argument if the template is malformed or uses a name
/// that the view does not have. Source of the syntax: mustache(5).
std::string render_template(std::string_view text, const nlohmann::json& view);

}  // namespace mnist
