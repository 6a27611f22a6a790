#include "image/plane.h"

namespace mnist {
namespace {

/// Which runs belong together. Source: R. E. Tarjan, "Efficiency of a good but not linear set union
/// algorithm", 1975.
class Sets {
 public:
  std::size_t add() {
    parents_.push_back(parents_.size());
    return parents_.size() - 1;
  }

  std::size_t root(std::size_t run) {
    while (parents_[run] != run) run = parents_[run] = parents_[parents_[run]];
    return run;
  }

  void join(std::size_t a, std::size_t b) { parents_[root(b)] = root(a); }

 private:
  std::vector<std::size_t> parents_;
};

struct Runs {
  std::vector<Run> runs;  ///< row by row
  std::vector<bool> is_ink;
};

Runs runs_of(const Plane& ink, float least) {
  Runs result;
  for (std::int64_t y = 0; y < ink.height; ++y) {
    for (std::int64_t begin = 0, end = 0; begin < ink.width; begin = end) {
      const bool is_ink = ink.at(begin, y) > least;
      for (end = begin + 1; end < ink.width && (ink.at(end, y) > least) == is_ink;) ++end;
      result.runs.push_back({y, begin, end});
      result.is_ink.push_back(is_ink);
    }
  }
  return result;
}

/// Joins each run to those of the row above that touch it.
Sets joined(const Runs& all) {
  Sets sets;
  std::size_t above = 0;
  for (std::size_t i = 0; i < all.runs.size(); ++i) {
    const Run& run = all.runs[sets.add()];
    while (all.runs[above].row + 1 < run.row) ++above;
    while (all.runs[above].row < run.row && all.runs[above].end < run.begin) ++above;
    const std::int64_t corner = all.is_ink[i] ? 1 : 0;
    for (std::size_t j = above; all.runs[j].row < run.row; ++j) {
      const Run& other = all.runs[j];
      if (other.begin >= run.end + corner) break;
      if (all.is_ink[j] == all.is_ink[i] && other.end + corner > run.begin) sets.join(j, i);
    }
  }
  return sets;
}

void add(const Run& run, const Plane& ink, Region& region) {
  Box& box = region.box;
  box = {std::min(box.left, run.begin), std::min(box.top, run.row), std::max(box.right, run.end),
         std::max(box.bottom, run.row + 1)};
  const bool same_row = !region.runs.empty() && region.runs.back().row == run.row;
  region.spanned += run.end - (same_row ? region.runs.back().end : run.begin);
  region.area += run.end - run.begin;
  for (std::int64_t x = run.begin; x < run.end; ++x) {
    region.mass += ink.at(x, run.row);
    region.peak = std::max(region.peak, ink.at(x, run.row));
  }
  region.runs.push_back(run);
}

}  // namespace

std::vector<Region> regions_of(const Plane& ink, float least) {
  const Runs all = runs_of(ink, least);
  Sets sets = joined(all);
  std::vector<std::size_t> places(all.runs.size());  // of the regions, by their roots
  std::vector<Region> regions;
  for (std::size_t i = 0; i < all.runs.size(); ++i) {
    std::size_t& place = places[sets.root(i)];  // 0: none yet
    if (place == 0) {
      regions.push_back({all.is_ink[i], {ink.width, ink.height, 0, 0}, 0, 0, 0, 0, {}});
      place = regions.size();
    }
    add(all.runs[i], ink, regions[place - 1]);
  }
  return regions;
}

}  // namespace mnist
