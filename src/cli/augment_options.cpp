#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/option_table.h"
#include "mnist_train/shape.h"

namespace mnist {
namespace {

/// How strongly images are distorted. It is written only where they are distorted in this way.
OptionRow strength(const AugmentOptions& augment, Augment least, const char* name,
                   OptionValue value, std::string help) {
  value.text = [&augment, least, text = std::move(value.text)] {
    return augment.kind < least ? std::string() : text();
  };
  return {.names = {name},
          .value = std::move(value),
          .help = std::move(help),
          .affects = Affects::kWeights,
          .needs = "--augment"};
}

}  // namespace

std::vector<OptionRow> augment_options(AugmentOptions& augment) {
  OptionValue translate = number_between(augment.translate, 0, kImageSide, "PIXELS");
  translate.text = [&augment] { return shortest(augment.largest_translation()); };
  return {
      {{"--augment"},
       choice<Augment>(augment.kind, {{"none", Augment::kNone},
                                      {"shift", Augment::kShift},
                                      {"affine", Augment::kAffine},
                                      {"elastic", Augment::kElastic}}),
       "Distort the training images, anew in each epoch: none, shift,\n"
       "affine (shift too) or elastic (affine too)",
       Affects::kWeights},
      strength(augment, Augment::kShift, "--translate", std::move(translate),
               "Shift: move up to this far; shift alone by whole pixels\n[2; 1 if elastic]"),
      strength(augment, Augment::kAffine, "--degrees",
               number_between(augment.degrees, 0, 180, "DEGREES"),
               "Affine: rotate up to this far either way [10]"),
      strength(augment, Augment::kAffine, "--scale", number_between(augment.scale, 0, 0.9),
               "Affine: 0.1 is from 0.9 to 1.1 times as large [0.1]"),
      strength(augment, Augment::kAffine, "--shear",
               number_between(augment.shear, 0, 60, "DEGREES"),
               "Affine: slant up to this far either way [5]"),
      strength(augment, Augment::kElastic, "--alpha",
               number_between(augment.alpha, 0, 1000, "PIXELS"),
               "Elastic: what smoothed noise from -1 to 1 is multiplied by [17]"),
      strength(augment, Augment::kElastic, "--sigma",
               number_between(augment.sigma, 0, kImageSide, "PIXELS"),
               "Elastic: standard deviation of the Gaussian that smooths it [4]"),
  };
}

}  // namespace mnist
