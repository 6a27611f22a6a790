#include "draw/draw_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <bit>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/embedded_file.h"
#include "base/template.h"
#include "base/text.h"
#include "picture/prepare_digit.h"

namespace mnist {

std::string draw_page(const DrawnNetwork& network) {
  static_assert(std::endian::native == std::endian::little, "the page expects little-endian bytes");
  const auto bytes = std::as_bytes(network.parameters);
  const std::string_view parameters(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return render_template(embedded_file("draw/draw.html"),
                         {{"style", embedded_file("draw/draw.css")},
                          {"network", embedded_file("draw/network.js")},
                          {"read_digit", embedded_file("draw/read_digit.js")},
                          {"draw", embedded_file("draw/draw.js")},
                          {"sure", shortest(kSure)},
                          {"description", network.description},
                          {"sizes", fmt::format("{}", fmt::join(network.sizes, " "))},
                          {"parameters", base64(parameters)}});
}

}  // namespace mnist
