#include "base/template.h"

#include <kainjow/mustache.hpp>
#include <stdexcept>

namespace mnist {
namespace {

using kainjow::mustache::data;

data to_data(const nlohmann::json& value) {
  if (value.is_array()) {
    data list(data::type::list);
    for (const nlohmann::json& element : value) list << to_data(element);
    return list;
  }
  if (value.is_object()) {
    data object;
    for (const auto& [name, member] : value.items()) object.set(name, to_data(member));
    return object;
  }
  if (value.is_null() || value.is_boolean()) return data(value == true);
  const auto text = value.get<std::string>();  // throws if it is a number
  return text.empty() ? data(false) : data(text);
}

/// Throws where kainjow's own context renders nothing: at a name that nothing has.
class StrictContext : public kainjow::mustache::context<std::string> {
 public:
  using context::context;

  const data* get(const std::string& name) const override {
    const data* const found = context::get(name);
    if (found == nullptr) throw std::invalid_argument("the view has no '" + name + "'");
    return found;
  }
  const data* get_partial(const std::string& name) const override { return get(name); }
};

}  // namespace

std::string render_template(std::string_view text, const nlohmann::json& view) {
  kainjow::mustache::mustache page{std::string(text)};
  if (!page.is_valid()) throw std::invalid_argument(page.error_message());
  const data root = to_data(view);
  StrictContext context(&root);
  std::string result = page.render(context);
  if (!page.is_valid()) throw std::invalid_argument(page.error_message());  // in a part of it
  return result;
}

}  // namespace mnist
