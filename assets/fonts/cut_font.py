"""Cut Atkinson Hyperlegible Next to the letters of our pages, weights 400 to 800."""
import copy, io, sys
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer
from fontTools import subset
latin_path, ext_path, out = sys.argv[1:]
LATIN = list(range(0x20,0x7f))+list(range(0xa0,0x100))+[0x152,0x153,0x178,0x2013,0x2014,0x2018,0x2019,0x201c,0x201d,0x201e,0x2022,0x2026,0x2039,0x203a,0x20ac,0x2212,0x2009]
EXT = [ord(c) for c in "ĂăĄąĆćČčĎďĐđĒēĖėĘęĚěĞğĢģĪīĮįİĶķĻļĽľŁłŃńŅņŇňŌōŐőŘřŚśŞşŠšŤťŪūŮůŰűŹźŻżŽžȘșȚțẞ"]
def cut(path, unicodes):
    font = instancer.instantiateVariableFont(TTFont(path), {"wght": (400, 400, 800)})
    buf=io.BytesIO(); font.flavor=None; font.save(buf); buf.seek(0); font=TTFont(buf)
    o = subset.Options(); o.layout_features=['kern','tnum','mark','mkmk','ccmp']; o.hinting=False; o.glyph_names=True; o.notdef_outline=True
    s = subset.Subsetter(o); s.populate(unicodes=unicodes); s.subset(font); return font
a, b = cut(latin_path, LATIN), cut(ext_path, EXT)
have = a.getBestCmap(); names = {}
ga, gb = a['glyf'], b['glyf']
rev = {g: u for u, g in b.getBestCmap().items()}
def take(g):
    if g in names: return names[g]
    u = rev.get(g)
    if u in have: names[g] = have[u]; return names[g]
    new = 'x_'+g; names[g] = new
    glyph = copy.deepcopy(gb[g])
    if glyph.isComposite():
        for c in glyph.components: c.glyphName = take(c.glyphName)
    ga.glyphs[new] = glyph; ga.glyphOrder.append(new) if new not in ga.glyphOrder else None
    a['hmtx'].metrics[new] = b['hmtx'].metrics[g]
    a['gvar'].variations[new] = b['gvar'].variations.get(g, [])
    if u is not None:
        for t in a['cmap'].tables:
            if t.isUnicode(): t.cmap[u] = new
    return new
for u in EXT:
    g = b.getBestCmap().get(u)
    if g: take(g)
a.setGlyphOrder(ga.glyphOrder); a['maxp'].numGlyphs = len(ga.glyphOrder)
for t in ('HVAR','MVAR','DSIG'):
    if t in a: del a[t]
# A space that does not break and a narrow one: same advance rules as the space.
space = a.getBestCmap()[0x20]
thin = a.getBestCmap().get(0x2009, space)
for t in a['cmap'].tables:
    if t.isUnicode(): t.cmap[0x202f] = thin; t.cmap.setdefault(0xa0, space)
a['post'].formatType = 3.0
a.flavor = 'woff2'; a.save(out)
