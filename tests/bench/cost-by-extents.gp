# SPDX-License-Identifier: MIT
# In: data, image, machine.
set terminal pngcairo size 1000,900 font "Sans,12" background "white"
set output image

map_colour = "#1b6ca8"
unmap_colour = "#c2571a"
aim = 1.25

set multiplot
set xrange [0.85:600]
set logscale x 2
set xtics (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
set lmargin 10
set rmargin 3
set grid xtics ytics lc rgb "#dddddd"
set border 3
set tics nomirror

set origin 0, 0.36
set size 1, 0.64
set title "MAP and UNMAP of scattered pages, one extent each\n{/*0.8 ".machine."; medians}"
set logscale y 10
set ylabel "microseconds a call"
set format x ""
set key top left reverse Left samplen 2 spacing 1.2
set tmargin 4
set bmargin 1
plot data using 1:2:($2*aim) with filledcurves lc rgb map_colour fs transparent solid 0.15 noborder \
         title "MAP: the aim, up to 1.25 times raw", \
     '' using 1:2 with lines lw 2 lc rgb map_colour title "MAP: raw, an exit and one mmap for each extent", \
     '' using 1:3 with points pt 7 ps 1.3 lc rgb map_colour title "MAP: Holdfast", \
     '' using 1:4:($4*aim) with filledcurves lc rgb unmap_colour fs transparent solid 0.15 noborder \
         title "UNMAP: the aim, up to 1.25 times raw", \
     '' using 1:4 with lines lw 2 lc rgb unmap_colour title "UNMAP: raw, an exit and one mmap over all", \
     '' using 1:5 with points pt 5 ps 1.2 lc rgb unmap_colour title "UNMAP: Holdfast"

set origin 0, 0
set size 1, 0.36
unset title
unset logscale y
set yrange [0.8:1.4<*]
set ytics 0.1
set ylabel "Holdfast : raw"
set xlabel "extents in the call"
set format x "%g"
set key top right noreverse Right horizontal
set tmargin 1
set bmargin 4
plot aim with lines lw 2 dt 2 lc rgb "#666666" title "aim: 1.25", \
     data using 1:($3/$2) with linespoints lw 2 pt 7 ps 1.1 lc rgb map_colour title "MAP", \
     '' using 1:($5/$4) with linespoints lw 2 pt 5 ps 1.1 lc rgb unmap_colour title "UNMAP"
unset multiplot
