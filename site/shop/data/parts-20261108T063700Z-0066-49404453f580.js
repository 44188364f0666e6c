(window.fftData??={})["parts-20261108T063700Z-0066"]=JSON.parse('{"parts":[],"nodes":{}}');
